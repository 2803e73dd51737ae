# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Data sets are read as their authors lay them out, and what is missing is named."""

from __future__ import annotations

import json
import shutil

import numpy as np
import published_layouts as layouts
import pytest

from ssr_ros.errors import ConfigError, DatasetError, FrameError
from ssr_ros.evaluation.published import (
    BENCHMARKS,
    CvBench,
    QSpatial,
    RoboSpatialHome,
    SpatialBench,
    SpatialRgpt,
    SsrBench,
)
from ssr_ros.evaluation.published.depth import Depth, resized

SIZE = layouts.SIZE


def test_spatialbench_finds_pairs_pictures_and_depth(tmp_path):
    items = SpatialBench().load(layouts.spatial_bench(tmp_path))
    assert [item.key for item in items] == [
        'existence/0',
        'existence/1',
        'reach/0',
        'reach/1',
        'reach/2',
        'reach/3',
        'positional/0',
        'positional/1',
        'counting/0',
        'counting/1',
    ]
    reach = items[5]
    assert (reach.question, reach.truth) == ('Touches 3?', 'No')
    assert reach.depth.name == 'reach_d/1.png'
    assert np.allclose(reach.depth.depth_m(), 2.0)
    assert reach.image.rgb()[0, 0].tolist()[2] > 150, 'the second picture is blue on the left'
    assert items[8].truth == '4'


def test_a_lost_row_of_a_pair_is_refused_before_it_shifts_the_rest(tmp_path):
    folder = layouts.spatial_bench(tmp_path)
    rows = json.loads((folder / 'reach.json').read_text())
    layouts.array(folder / 'reach.json', rows[:3])
    with pytest.raises(DatasetError, match='3 rows; they come in pairs'):
        SpatialBench().load(folder)


def test_a_limit_keeps_pairs_whole(tmp_path):
    benchmark = SpatialBench()
    chosen = benchmark.first(benchmark.load(layouts.spatial_bench(tmp_path)), 1)
    assert [item.key for item in chosen if item.group == 'reach'] == ['reach/0', 'reach/1']


def test_cv_bench_is_read_from_json_lines_and_pictures_beside_them(tmp_path):
    items = CvBench().load(layouts.cv_bench(tmp_path))
    assert [(item.key, item.group, item.meta) for item in items] == [
        ('2D/0', '2D Count', 'ADE20K'),
        ('2D/1', '2D Relation', 'COCO'),
        ('3D/2', '3D Depth', 'Omni3D'),
    ]
    first = items[0]
    assert (first.truth, first.choices) == (2, ('3', '2', '1', '0'))
    rows = (tmp_path / 'test_2d.jsonl').read_text().splitlines()
    assert first.question.startswith(json.loads(rows[0])['prompt'])
    assert first.image.rgb().shape == (6, 8, 3)


def test_cv_bench_is_read_from_parquet_with_pictures_inside(tmp_path):
    pyarrow = pytest.importorskip('pyarrow', reason='parquet tables need pyarrow')
    from pyarrow import parquet

    folder = layouts.cv_bench(tmp_path)
    for name in ('test_2d', 'test_3d'):
        rows = [json.loads(line) for line in (folder / f'{name}.jsonl').read_text().splitlines()]
        for row in rows:
            content = (folder / row['filename']).read_bytes()
            row['image'] = {'bytes': content, 'path': None}
        parquet.write_table(pyarrow.Table.from_pylist(rows), folder / f'{name}.parquet')
        (folder / f'{name}.jsonl').unlink()
    shutil.rmtree(folder / 'img')
    items = CvBench().load(folder)
    assert [item.truth for item in items] == [2, 0, 1]
    assert items[0].image.rgb().shape == (6, 8, 3)
    # A folder of depth files goes by the picture's own name, also here.
    assert items[0].image.name == 'img/2D/count/ade20k_10.png'


def test_q_spatial_is_read_from_parquet(tmp_path):
    pytest.importorskip('pyarrow', reason='parquet tables need pyarrow')
    items = QSpatial().load(layouts.q_spatial(tmp_path))
    assert [item.truth for item in items] == pytest.approx([100.0, 50.8])
    assert {item.group for item in items} == {'QSpatial_plus'}
    assert items[1].image.rgb().shape == (6, 8, 3)


def test_robospatial_is_read_as_its_downloader_writes_it(tmp_path):
    items = RoboSpatialHome().load(layouts.robospatial(tmp_path))
    assert [item.group for item in items] == ['context', 'compatibility', 'configuration']
    assert items[0].truth[2] == (0.9, 0.9)
    assert [item.truth for item in items[1:]] == ['yes', 'no']
    assert np.allclose(items[2].depth.depth_m(), 3.0)


def test_spatialrgpt_asks_by_region_and_leaves_out_what_needs_a_judge(tmp_path, caplog):
    items = SpatialRgpt().load(layouts.spatial_rgpt(tmp_path))
    assert [item.group for item in items] == ['width', 'direct distance', 'direction']
    assert items[1].question == 'How far is region 0 from region 1?'
    assert [item.truth for item in items] == pytest.approx([2.0, 0.254, 12])
    assert items[0].regions[1] == ('region 1', (4.0, 0.0, 8.0, 6.0))
    assert '1 questions without a number are left out' in caplog.text


def test_spatialrgpt_in_a_table_holds_its_parts_as_text(tmp_path):
    folder = layouts.spatial_rgpt(tmp_path)
    path = folder / 'SpatialRGPT-Bench_v1.jsonl'
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    parts = ('image_info', 'qa_info', 'conversations', 'bbox')
    layouts.lines(path, [{**row, **{name: str(row[name]) for name in parts}} for row in rows])
    as_text = SpatialRgpt().load(folder)
    layouts.lines(path, rows)
    assert as_text == SpatialRgpt().load(folder)
    layouts.lines(path, [{**rows[0], 'qa_info': '__import__("os")'}])
    with pytest.raises(DatasetError, match="'qa_info' cannot be read"):
        SpatialRgpt().load(folder)


def test_a_question_about_several_pictures_stays_in_its_place(tmp_path):
    folder = layouts.spatial_bench(tmp_path)
    rows = json.loads((folder / 'reach.json').read_text())
    rows[1]['image'] = ['reach/0.v1.jpg', 'reach/1.v1.jpg']
    layouts.array(folder / 'reach.json', rows)
    items = [item for item in SpatialBench().load(folder) if item.group == 'reach']
    assert len(items) == 4
    with pytest.raises(FrameError, match='here are 2'):
        items[1].image.rgb()


def test_ssrbench_is_read_by_its_fields(tmp_path):
    items = SsrBench().load(layouts.ssr_bench(tmp_path))
    assert [item.group for item in items] == [
        'existence',
        'count',
        'relative position recognition',
    ]
    assert np.allclose(items[1].depth.depth_m(), 2.0)


@pytest.mark.parametrize('name', BENCHMARKS)
def test_an_empty_folder_is_named_with_what_was_expected(tmp_path, name):
    with pytest.raises(DatasetError, match='expected'):
        BENCHMARKS[name]().load(tmp_path)


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'answer': '(Z)'}, 'none of 4 choices'),
        ({'choices': None}, "expected 'choices' to be list"),
        ({'filename': '../../secret.png'}, 'outside of the data set'),
        ({'filename': None}, 'expected a picture in image or filename'),
    ],
)
def test_a_row_that_does_not_fit_is_named_by_file_and_number(tmp_path, change, words):
    folder = layouts.cv_bench(tmp_path)
    path = folder / 'test_2d.jsonl'
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    layouts.lines(path, [{**rows[0], **change}])
    with pytest.raises(DatasetError, match=rf'test_2d.jsonl:0: .*{words}'):
        CvBench().load(folder)


def test_a_file_that_is_no_json_is_named(tmp_path):
    (tmp_path / 'annotations.json').write_text('{', encoding='utf-8')
    with pytest.raises(DatasetError, match=r'annotations.json: cannot be read as json'):
        RoboSpatialHome().load(tmp_path)


def test_depth_is_the_data_sets_own_a_folder_or_nothing(tmp_path):
    benchmark = CvBench()
    item = benchmark.load(layouts.cv_bench(tmp_path / 'data'))[0]
    assert np.isnan(Depth('none', benchmark).of(item, SIZE)).all()
    with pytest.raises(ConfigError, match='brings no depth'):
        Depth('own', benchmark)
    with pytest.raises(ConfigError, match='a folder of depth files, got'):
        Depth(str(tmp_path / 'nowhere'), benchmark)
    folder = tmp_path / 'depths'
    folder.mkdir()
    depth = Depth(str(folder), benchmark)
    with pytest.raises(FrameError, match=r'holds no depth for .*ade20k_10.png'):
        depth.of(item, SIZE)
    layouts.depth(folder / 'ade20k_10.png', 1500)
    assert np.allclose(depth.of(item, SIZE), 1.5)
    layouts.depth(folder / 'img/2D/count/ade20k_10.png', 2500)
    assert np.allclose(depth.of(item, SIZE), 2.5), 'the whole path goes before the name'
    with pytest.raises(FrameError, match='the picture is 9x6 and its depth 8x6'):
        depth.of(item, (9, 6))


def test_another_pictures_depth_keeps_its_values_at_another_size():
    depth_m = np.array([[1.0, np.nan], [2.0, 3.0]], np.float32)
    made = resized(depth_m, (4, 2))
    assert made.shape == (2, 4)
    np.testing.assert_array_equal(made[1], [2, 2, 3, 3])
    assert np.isnan(made[0, 2:]).all()
