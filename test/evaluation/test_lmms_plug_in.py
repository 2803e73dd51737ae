# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SSR among the models of lmms-eval; depth is named or the run is refused."""

from __future__ import annotations

from importlib.metadata import entry_points
import json

import numpy as np
import published_layouts as layouts
import pytest

from ssr_ros.errors import ConfigError, FrameError, MissingPackageError
from ssr_ros.evaluation import lmms
from ssr_ros.evaluation.lmms_depth import depth_of, LmmsDepth

Image = pytest.importorskip('PIL.Image', reason="lmms-eval's pictures are PIL's")

NO_LMMS = 'lmms-eval is not installed; it needs a torchvision beside torch'


@pytest.mark.parametrize('source', ['', 'own', 'folder:', 'folder:/nowhere', 'field:', 'field'])
def test_depth_that_nobody_named_is_refused(source):
    with pytest.raises(ConfigError, match='depth=none, depth=field:NAME'):
        LmmsDepth(source)


def test_no_depth_is_all_unknown_and_a_field_is_read_from_the_document():
    assert np.isnan(LmmsDepth('none').of({}, 'task/0', (4, 3))).all()
    depth = LmmsDepth('field:depth_image')
    picture = Image.fromarray(np.array([[0, 1500]], np.uint16))
    found = depth.of({'depth_image': picture}, 'task/0', (2, 1))
    np.testing.assert_allclose(found, [[np.nan, 1.5]])
    with pytest.raises(FrameError, match=r"task/0: the document has no 'depth_image': \['img'\]"):
        depth.of({'img': 1}, 'task/0', (2, 1))


def test_a_folder_goes_by_the_documents_picture_else_by_task_and_number(tmp_path):
    depth = LmmsDepth(f'folder:{tmp_path}')
    layouts.depth(tmp_path / 'img/a.png', 1000)
    layouts.depth(tmp_path / 'cv_bench_2d/7.png', 2000)
    assert depth.of({'filename': 'img/a.jpg'}, 'cv_bench_2d/7', (8, 6))[0, 0] == 1.0
    assert depth.of({'question': 'q'}, 'cv_bench_2d/7', (8, 6))[0, 0] == 2.0
    with pytest.raises(FrameError, match=r'holds no depth for the picture cv_bench_2d/8.png'):
        depth.of({}, 'cv_bench_2d/8', (8, 6))


def test_a_picture_of_depth_has_lost_its_scale():
    with pytest.raises(FrameError, match='lost its scale'):
        depth_of(Image.fromarray(np.zeros((2, 2), np.uint8)), 'x')
    with pytest.raises(FrameError, match='lost its scale'):
        depth_of(Image.fromarray(np.full((2, 2), 70000, np.int32)), 'x')
    metres = np.array([[0.5, np.nan]], np.float32)
    np.testing.assert_array_equal(depth_of(Image.fromarray(metres), 'x'), metres)


def test_the_installation_names_the_plug_in():
    """In the metadata that Python finds first: in a sourced workspace those of the ROS build."""
    (found,) = entry_points(group='lmms_eval.models', name='ssr_ros')
    assert found.value == 'ssr_ros.evaluation.lmms:manifest'


def test_without_lmms_eval_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'lmms_eval', None)
    with pytest.raises(MissingPackageError, match=r"pip install '.\[lmms\]'"):
        lmms.manifest()


TASK = """
task: two_sides
dataset_path: json
dataset_kwargs: {{data_files: {{test: {rows}}}}}
test_split: test
output_type: generate_until
doc_to_visual: !function side_utils.visual
doc_to_text: "{{{{question}}}}"
doc_to_target: "{{{{answer}}}}"
generation_kwargs: {{max_new_tokens: 12, until: ["\\n\\n"]}}
process_results: !function side_utils.results
metric_list:
  - {{metric: said, aggregation: !function side_utils.joined, higher_is_better: true}}
"""

UTILS = """
from pathlib import Path
from PIL import Image

def visual(doc):
    return [Image.open(Path(__file__).parent / doc['filename'])] * doc['times']

def results(doc, result):
    return {'said': result[0]}

def joined(results):
    return len(results)
"""


@pytest.fixture
def task_folder(tmp_path, monkeypatch):
    monkeypatch.setenv('HF_HOME', str(tmp_path / 'hf'))
    monkeypatch.setenv('HF_HUB_OFFLINE', '1')
    layouts.picture(tmp_path / 'a.png')
    (tmp_path / 'side_utils.py').write_text(UTILS)
    return tmp_path


def evaluated(folder, model_args, times=1):
    """Run a task of two questions through the real lmms-eval; return its results."""
    evaluator = pytest.importorskip('lmms_eval.evaluator', reason=NO_LMMS)
    from lmms_eval.tasks import TaskManager

    rows = [
        {'question': f'Is it {side}?', 'answer': 'no', 'filename': 'a.png', 'times': times}
        for side in ('left', 'right')
    ]
    layouts.lines(folder / 'rows.jsonl', rows)
    (folder / 'two_sides.yaml').write_text(
        TASK.format(rows=json.dumps(str(folder / 'rows.jsonl')))
    )
    return evaluator.simple_evaluate(
        model='ssr_ros',
        model_args=','.join(filter(None, ('pretrained=nano', model_args))),
        tasks=['two_sides'],
        batch_size=1,
        device='cpu',
        task_manager=TaskManager(include_path=str(folder), include_defaults=False),
        log_samples=True,
        bootstrap_iters=0,
    )


def test_lmms_eval_finds_the_model_and_scores_its_answers(task_folder):
    layouts.depth(task_folder / 'depth/a.png', 1500)
    done = evaluated(task_folder, f'depth=folder:{task_folder}/depth')
    assert done['results']['two_sides']['said,none'] == 2
    assert all(sample['said'].strip() for sample in done['samples']['two_sides'])


def test_lmms_eval_is_told_when_depth_is_not_named_or_missing(task_folder):
    with pytest.raises(ConfigError, match='name where depth comes from'):
        evaluated(task_folder, '')
    (task_folder / 'depth').mkdir()
    with pytest.raises(FrameError, match=r'holds no depth for the picture a.png'):
        evaluated(task_folder, f'depth=folder:{task_folder}/depth')


def test_a_task_of_several_pictures_is_refused(task_folder):
    with pytest.raises(ConfigError, match='sees one picture, the task shows 2'):
        evaluated(task_folder, 'depth=none', times=2)
