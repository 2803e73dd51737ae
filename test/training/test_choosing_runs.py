# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

import shutil

from ssr_ros.model import load_reasoner
from training import export, stage2
from training.run.settings import Stage2Settings


def test_what_chooses_and_points_goes_on_so_after_a_run_and_an_export(
    configure, untrained, tmp_path
):
    start = shutil.copytree(untrained, tmp_path / 'start')
    with (start / 'reasoner.yaml').open('a', encoding='utf-8') as yaml_file:
        yaml_file.write('choose: true\npoint: true\n')
    config = configure(Stage2Settings, model={'start': str(start)})
    stage2.main(config)
    export.main(config.run.output, tmp_path / 'export')
    for folder in (config.run.output, tmp_path / 'export'):
        made = load_reasoner(folder)
        assert made.chooses and made.pointer
    before = load_reasoner(untrained)
    assert not before.chooses and not before.pointer
