# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From arrived messages to replies, without ROS: intake, pairing, worker, answering, settings."""
