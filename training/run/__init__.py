# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How a run goes: settings, loop, schedule, state, saving, journal, launch."""
