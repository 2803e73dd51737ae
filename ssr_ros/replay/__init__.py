# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recordings scored: questions asked of bags with the node's own engine, and a report of it.

Above ``bags`` (what was recorded), ``engine`` (what the node would answer) and ``evaluation``
(what an answer is worth), none of which knows the others' business.

Example::

    from ssr_ros.replay.question_file import load_questions

    asked = load_questions('q.yaml')
    print(len(asked.questions), asked.questions[0].expected)
"""
