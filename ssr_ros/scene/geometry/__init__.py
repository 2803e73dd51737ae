# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From a frame to a survey: noise, gravity, planes, segments, things, extents. Knows no words."""
