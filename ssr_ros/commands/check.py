# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""``ssr-ros check``: what is installed, what is missing, and what to do about it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
import json
import platform
import sys

from ssr_ros import __version__
from ssr_ros.commands import show

SUMMARY = (
    'say what is installed, what is missing and what to do; exit code 1 if anything needed is'
)
EXAMPLE = 'ssr-ros check\n  ssr-ros check --json'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """This verb has no arguments of its own."""


def run(options: argparse.Namespace) -> int:
    """Print the findings; return 0 when nothing that is needed is missing, else 1."""
    from ssr_ros.commands.findings import collect

    show.progress('looking (importing torch takes a few seconds) ...')
    findings = collect()
    ready = all(finding.state == 'ok' for finding in findings if finding.needed)
    if options.json:
        report = {
            'ssr_ros': __version__,
            'python': platform.python_version(),
            'executable': sys.executable,
            'platform': platform.platform(),
            'ready': ready,
            'findings': [asdict(finding) for finding in findings],
        }
        print(json.dumps(report, indent=2))
        return 0 if ready else 1
    print(f'  ssr_ros {__version__}, Python {platform.python_version()}, {platform.platform()}')
    print(f'  {sys.executable}\n')
    rows = [(f.group, f.name, f.state if f.needed or f.state == 'ok' else f'{f.state} (optional)',
             f.detail) for f in findings]  # fmt: skip
    print(show.table(('for', 'what', 'state', 'version or detail'), rows))
    wanting = [finding for finding in findings if finding.state != 'ok']
    if wanting:
        print('\n  What to do:')
    for finding in sorted(wanting, key=lambda each: not each.needed):
        print(show.wrap(finding.name, finding.cure))
    print('\n  ' + ('Ready: everything needed is there.' if ready else 'Not ready yet.'))
    return 0 if ready else 1
