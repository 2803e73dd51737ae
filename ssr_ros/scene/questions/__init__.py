# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From words to a measured answer: phrases, referents, relations, space, families."""
