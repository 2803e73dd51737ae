# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The comparison with the published code's numbers, and that it can fail."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from benchmarks.parity import compare

ADAPTED = 'base_model.model.model.layers.0.mlp.up_proj.lora_B.weight'


def test_every_stage_equals_the_published_code(parity_folder):
    report = compare(parity_folder, quiet=True)
    assert [row for row in report.rows if not row['passed']] == []
    assert len(report.rows) >= 100


@pytest.mark.parametrize(
    ('file', 'tensor', 'notices'),
    [
        ('midi/model.safetensors', 'mamba.backbone.layers.1.mixer.A_log', 'latents'),
        ('ssr_vlm/adapter_model.safetensors', ADAPTED, 'lora: logits'),
        ('siglip/model.safetensors', 'vision_model.encoder.layers.0.mlp.fc2.weight', 'depth emb'),
    ],
)
def test_a_changed_weight_is_noticed(parity_folder, tmp_path, file, tensor, notices):
    folder = shutil.copytree(parity_folder, tmp_path / 'changed')
    for path in folder.rglob('*'):
        path.chmod(0o755 if path.is_dir() else 0o644)
    tensors = load_file(folder / file)
    tensors[tensor] *= 1.5
    save_file(tensors, folder / file, metadata={'format': 'pt'})
    failed = [row['what'] for row in compare(folder, quiet=True).rows if not row['passed']]
    assert any(notices in what for what in failed)


def test_the_data_covers_frames_of_several_sizes(parity_folder):
    expected = json.loads((parity_folder / 'expected.json').read_text())
    arrays = np.load(parity_folder / 'expected.npz')
    assert len(expected['cases']) >= 2
    assert all(np.isfinite(arrays[name]).all() for name in arrays.files)
