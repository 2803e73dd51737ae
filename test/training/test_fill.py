# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A cache that is filled beforehand holds what would be made on the way."""

import torch

from training.data.features import FeatureCache
from training.data.fill import fill
from training.data.frames import FrameReader
from training.data.rows import RowFiles
from training.run import launch
from training.run.settings import Stage1Settings


def test_features_made_together_are_those_made_one_by_one(configure, frames, tmp_path):
    encoders = launch.start(configure(Stage1Settings)).parts.encoders()
    (frames / '3.png').write_bytes(b'no image')
    rows = RowFiles([frames / 'data.jsonl', frames / 'data.jsonl'], '', 0.0)
    cache = FeatureCache(tmp_path, 'filled')
    assert fill(cache, rows, encoders, workers=0) == 11, 'one is broken, and each is made once'
    assert fill(cache, rows, encoders, workers=0) == 0
    for row in (rows[0], rows[7]):
        alone = FrameReader(encoders, None, FeatureCache(tmp_path, 'alone'))(row)
        kept = FrameReader(encoders, None, cache)(row)
        torch.testing.assert_close(kept.image, alone.image, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(kept.depth, alone.depth, rtol=1e-4, atol=1e-5)
