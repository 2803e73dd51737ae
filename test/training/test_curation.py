# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Questions follow from the facts, are no near ties, and do not give themselves away."""

from collections import Counter
from dataclasses import replace
import json

import cv2
import numpy as np
import pytest

from ssr_ros.errors import ConfigError, MissingPackageError
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import Gravity
from training.curate import command_line, CurateSettings, main
from training.curation.ask import metres
from training.curation.balance import balanced, Unit
from training.curation.scene import Scene, scene_from_truth, Thing
from training.curation.shards import frame_rows, questions, Recipe, run
from training.curation.sources import Found
from training.curation.surfaces import free_place
from training.data.rows import RowFiles
from training.run.failures import DataError
from training.worlds.palette import combinations, SPLITS

FAMILIES = {
    'above_below',
    'attribute',
    'closer',
    'count',
    'depth',
    'describe',
    'direction',
    'distance',
    'exists',
    'fits',
    'free_space',
    'front_behind',
    'gap',
    'inventory',
    'left_right',
    'nearest',
    'order',
    'size',
    'support',
    'vacant',
}

CAMERA = CameraIntrinsics(160.0, 160.0, 159.5, 119.5)
LEVEL = Gravity(np.array([0.0, 1.0, 0.0]), 'given')


def thing(name, right, forward, up=-0.5, size=0.2, is_object=True, sigma=0.0, support='table'):
    middle, half = np.array([right, forward, up]), np.full(3, size / 2)
    color, _, shape = name.rpartition(' ')
    distance = float(np.linalg.norm(middle)) - size / 2
    return Thing(
        name,
        color,
        shape,
        is_object,
        middle - half,
        middle + half,
        distance,
        sigma,
        True,
        support,
        (0.4, 0.4, 0.6, 0.6),
    )


def table_and_floor():
    """A table 0.6 m below the camera, 2.2 to 2.9 m ahead, floor at 1.3 m, a wall at 3 m."""
    v, u = np.mgrid[:240, :320]
    down = np.maximum((v - CAMERA.cy) / CAMERA.fy, 1e-6)
    floor, table = 1.3 / down, 0.6 / down
    depth = np.minimum(floor, 3.0)
    on_table = (table > 2.2) & (table < 2.9) & (np.abs((u - CAMERA.cx) / CAMERA.fx * table) < 0.6)
    return np.where(on_table, table, depth).astype(np.float32)


def scene_of(*things, seed=0, floor=-1.3, depth_m=None):
    rng = np.random.default_rng(seed)
    things = sorted(things, key=lambda t: t.distance_m)
    gaps = {}
    for a in things:
        for b in things:
            if a is not b:
                apart = np.maximum(np.maximum(a.low_m - b.high_m, b.low_m - a.high_m), 0)
                gaps[a.name, b.name] = (float(np.linalg.norm(apart)), 0.0)
    depth_m = table_and_floor() if depth_m is None else depth_m
    rgb = rng.integers(0, 255, (*depth_m.shape, 3), np.uint8)
    objects = [t for t in things if t.is_object]
    return Scene(
        tuple(things),
        len(objects),
        frozenset(t.name for t in things),
        gaps,
        floor,
        {'table': -0.6},
        RgbdFrame(rgb, depth_m, CAMERA),
        LEVEL,
        {'source': 'test'},
    )


def random_scene(seed, split=None):
    rng = np.random.default_rng(seed)
    names = ['red mug', 'blue box', 'green ball', 'white cone', 'black bowl']
    things = [
        thing(n, *rng.uniform([-0.6, 1.1, -0.7], [0.6, 2.0, -0.3]), size=rng.uniform(0.05, 0.3))
        for n in names[: rng.integers(2, 6)]
    ]
    table = thing('table', 0.0, 1.5, -0.9, 0.6, is_object=False, support='floor')
    scene = scene_of(*things, table, seed=seed)
    return replace(scene, meta=scene.meta | {'split': split})


@pytest.fixture(scope='module')
def asked():
    scenes = {f'scene {seed}': random_scene(seed) for seed in range(60)}
    recipe = Recipe(per_frame=100)
    return [
        (scene, ask)
        for key, scene in scenes.items()
        for unit in questions(scene, key, recipe)
        for ask in unit
    ]


def of_family(asked, family, start=''):
    found = [(s, a) for s, a in asked if a.family == family and a.form.startswith(start)]
    assert len(found) > 10, (family, start)
    return [(s, a, {t.name: t for t in s.things}) for s, a in found]


def test_every_family_is_asked(asked):
    assert {ask.family for _, ask in asked} == FAMILIES


def test_the_closer_one_has_the_nearer_surface_and_no_pair_is_a_near_tie(asked):
    for _, ask, things in of_family(asked, 'closer', 'which closer'):
        a, b = (things[name] for name in ask.subjects)
        assert ask.answer == f'The {min((a, b), key=lambda t: t.distance_m).name}.'
        assert abs(a.distance_m - b.distance_m) > 0.05
        assert (ask.verdict == 'first') == (a.distance_m < b.distance_m)
    for _, ask, things in of_family(asked, 'closer', 'whether'):
        a, b = (things[name] for name in ask.subjects)
        assert ask.answer == ('Yes.' if a.distance_m < b.distance_m else 'No.')


def test_sides_levels_and_depths_follow_the_centres(asked):
    for _, ask, things in of_family(asked, 'left_right', 'which side'):
        a, b = (things[name] for name in ask.subjects)
        assert ask.answer == ('Left.' if a.bearing_deg < b.bearing_deg else 'Right.')
    for family, axis, low in (('above_below', 2, 'lower'), ('front_behind', 1, 'in front')):
        for _, ask, things in of_family(asked, family):
            a, b = (things[name].center_m[axis] for name in ask.subjects)
            assert ask.answer == ('Yes.' if (a < b) == (low in ask.question) else 'No.')


def test_the_four_distances_between_two_things_are_four_numbers(asked):
    wanted = {
        'centres': lambda s, a, b: np.linalg.norm(a.center_m - b.center_m),
        'level': lambda s, a, b: np.hypot(*(a.center_m - b.center_m)[:2]),
        'vertical': lambda s, a, b: abs(a.center_m[2] - b.center_m[2]),
        'gap': lambda s, a, b: s.gaps_m[a.name, b.name][0],
    }
    seen = Counter()
    for scene, ask, things in of_family(asked, 'gap'):
        a, b = (things[name] for name in ask.subjects)
        assert ask.value == pytest.approx(wanted[ask.form](scene, a, b))
        assert ask.answer == f'{metres(ask.value)}.'
        seen[ask.form] += 1
    assert len(seen) == 4


def test_a_clock_direction_turns_round_with_the_order(asked):
    hours = {}
    for scene, ask, things in of_family(asked, 'direction'):
        a, b = (things[name].center_m for name in ask.subjects)
        angle = np.degrees(np.arctan2(b[0] - a[0], b[1] - a[1]))
        turn = (angle - 30 * ask.value + 180) % 360 - 180
        assert abs(turn) <= 11, 'no direction is near the border of two hours'
        hours[id(scene), ask.subjects] = ask.value
    for (scene, (a, b)), hour in hours.items():
        assert (hours[scene, (b, a)] - hour) % 12 == 6


def test_counts_orders_and_thresholds_follow_the_distances(asked):
    for scene, ask, _ in of_family(asked, 'count', 'within'):
        limit = float(ask.question.split('within ')[1].split()[0])  # rounded, as it is said
        limit /= 100 if ' cm' in ask.question else 1
        near = [t for t in scene.objects if t.distance_m < limit]
        assert ask.answer == f'{len(near)}.'
        assert all(abs(t.distance_m - limit) > 0.04 for t in scene.objects)
    for _, ask, things in of_family(asked, 'order'):
        near = sorted((things[name] for name in ask.subjects), key=lambda t: t.distance_m)
        assert ask.answer.lower() == ', '.join(t.the for t in near) + '.'


def test_something_that_is_asked_for_and_absent_is_really_absent(asked):
    for scene, ask, _ in of_family(asked, 'exists'):
        assert ask.answer == ('Yes.' if ask.subjects[0] in scene.names else 'No.')


def test_no_name_alone_tells_that_there_is_none():
    """A pair that a split never shows, always answered with no, would be denied wherever it is."""
    absent = {}
    for split in SPLITS:
        shown = {f'{color} {shape}' for color, shape in combinations(split)}
        absent[split] = {
            ask.subjects[0]
            for seed in range(60)
            for unit in questions(random_scene(seed, split), str(seed), Recipe(per_frame=100))
            for ask in unit
            if ask.family == 'exists' and ask.answer == 'No.'
        }
        assert absent[split] and absent[split] <= shown
    assert len(absent['train']) > 10


def test_a_near_tie_is_not_asked_and_a_measured_margin_widens_it():
    def closer(sigma, difference):
        things = (thing('red mug', 0, 1.5, sigma=sigma), thing('blue box', 0.5, 1.5 + difference))
        scene = scene_of(*things)
        units = questions(scene, 'key', Recipe(per_frame=100))
        return [ask for unit in units for ask in unit if ask.family in ('closer', 'front_behind')]

    assert not closer(0.0, 0.0)
    assert closer(0.0, 0.5)
    assert not closer(0.3, 0.5)


def test_the_leakage_control_never_states_the_answer(asked):
    for _, ask in asked:
        hidden = ask.rationale(with_answer=False)
        assert not ask.conclusion or ask.conclusion not in hidden
        if ask.family in ('distance', 'depth', 'free_space', 'gap') or (
            ask.family == 'size' and ask.value is not None
        ):
            assert ask.answer[:-1] in ask.rationale(), 'the full rationale does'
            about = [s for s in hidden.split('. ') if ask.subjects and ask.subjects[0] in s]
            assert ask.family == 'gap' or not any(
                f'{ask.answer[:-1]} away' in s or f'{ask.answer[:-1]} {w}' in s
                for s in about
                for w in ('wide', 'deep', 'high')
                if ask.family == 'distance' or w[:3] == ask.form[:3]
            )
        if ask.family in ('exists', 'attribute', 'free_space'):
            assert ask.answer[:-1].lower() not in hidden.lower().split()


def test_a_row_has_the_five_fields_and_the_control_is_never_empty(tmp_path):
    scene = random_scene(3)
    found = Found(scene, tmp_path / 'a.png', tmp_path / 'a_depth.png')
    rows = frame_rows(found, 'key', tmp_path, Recipe())
    for row in rows:
        assert list(row) == [
            'question',
            'rationale',
            'answer',
            'image_path',
            'depth_path',
            'meta',
        ]
        assert row['image_path'] == 'a.png' and row['meta']['rationale_without_answer']
    told = frame_rows(found, 'key', tmp_path, Recipe(style='scene'))
    assert np.mean([len(r['rationale']) for r in told]) > np.mean(
        [len(r['rationale']) for r in rows]
    )


def test_answers_are_balanced_and_pairs_stay_together():
    yes = [Unit(f'y{i}', 'fits', 'pass', ('yes', 'yes')) for i in range(9)]
    no = [Unit(f'n{i}', 'fits', 'pass', ('no', 'no')) for i in range(4)]
    pairs = [Unit(f'p{i}', 'closer', 'whether', ('yes', 'no')) for i in range(5)]
    only = [Unit(f'o{i}', 'exists', 'named', ('yes',)) for i in range(5)]
    many = [Unit(f'c{a}{i}', 'count', 'all', (str(a),)) for a in range(5) for i in range(3**a)]
    kept = balanced([*yes, *no, *pairs, *only, *many])
    count = Counter(key[0] for key in kept)
    assert (count['y'], count['n'], count['p'], count['o']) == (4, 4, 5, 0)
    assert Counter(key[1] for key in kept if key[0] == 'c') == {
        '0': 1,
        '1': 3,
        '2': 9,
        '3': 9,
        '4': 9,
    }
    cut = Counter(key[0] for key in balanced([*yes, *no, *pairs], per_family=4))
    assert (cut['y'], cut['n'], cut['p']) == (2, 2, 4)


def test_the_free_place_is_beside_what_stands_on_the_table():
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 120), np.linspace(1.0, 2.0, 120))
    points = np.stack([x, y, np.full_like(x, -0.6)], axis=-1).astype(np.float32)
    points[(x > -0.1)] = [9, 9, 9]  # the right part is covered
    (column, _), across = free_place(points, -0.6)
    assert column * 120 < 48
    assert across == pytest.approx(0.4, abs=0.06)
    assert free_place(points, -1.5) is None


def test_what_cannot_be_named_by_its_looks_is_not_asked_about():
    row = {
        'role': 'object',
        'color': 'red',
        'shape': 'mug',
        'pixels': 200,
        'visible_fraction': 1.0,
        'box_px': [10, 10, 20, 20],
        'touches_edge': False,
        'center_m': [0.0, 0.4, 1.0],
        'size_m': [0.1, 0.1, 0.1],
        'distance_m': 0.9,
        'support': 'table',
    }
    rows = [
        {**row, 'name': 'red mug'},
        {**row, 'name': 'red mug 2'},
        {**row, 'name': 'blue box', 'color': 'blue', 'shape': 'box'},
        {**row, 'name': 'tiny ball', 'color': 'green', 'shape': 'ball', 'pixels': 5},
    ]
    truth = {'gravity': [0, 1, 0], 'things': rows, 'planes': [], 'gaps_m': np.zeros((4, 4))}
    scene = scene_from_truth(truth, random_scene(0).frame, {})
    assert [t.name for t in scene.things] == ['blue box']
    assert scene.n_objects is None, 'a ball of five pixels makes counting a guess'
    assert 'green ball' in scene.names, 'and it cannot be called absent'
    np.testing.assert_allclose(scene.things[0].center_m, [0, 1.0, -0.4])


def test_the_way_ahead_ends_at_the_first_thing_above_the_floor(asked):
    for _, ask, _ in of_family(asked, 'free_space'):
        assert ask.value == pytest.approx(2.2, abs=0.1), 'where the table begins'
    blind = scene_of(thing('red mug', 0, 1.5), thing('blue box', 0.5, 2.0), floor=None)
    units = questions(blind, 'key', Recipe(per_frame=100))
    assert not any(ask.family == 'free_space' for unit in units for ask in unit)


@pytest.fixture
def folder(tmp_path):
    """Frames of a wall with two boxes before it; depth as float metres in one."""
    root = tmp_path / 'frames'
    (root / 'rgb').mkdir(parents=True)
    (root / 'depth').mkdir()
    for number in range(3):
        rgb = np.full((240, 320, 3), 130, np.uint8)
        depth_m = np.full((240, 320), 3.0, np.float32)
        for color, box, far in (((200, 20, 20), (40, 110), 1.2), ((20, 30, 200), (200, 270), 2.0)):
            rgb[90:170, box[0] : box[1]] = color
            depth_m[90:170, box[0] : box[1]] = far
        cv2.imwrite(str(root / 'rgb' / f'{number}.png'), rgb[..., ::-1])
        if number:
            cv2.imwrite(str(root / 'depth' / f'{number}.png'), (depth_m * 1000).astype(np.uint16))
        else:
            np.save(root / 'depth' / '0.npy', depth_m)
    (root / 'intrinsics.yaml').write_text('{fx: 300.0, fy: 300.0, cx: 160.0, cy: 120.0}')
    return root


def settings(folder, name='questions', **more):
    return CurateSettings(str(folder), str(folder / f'{name}.jsonl'), shard_size=1, **more)


def test_any_folder_of_frames_becomes_rows_that_the_datasets_read(folder):
    families = main(settings(folder), quiet=True)
    assert families['distance'] and families['closer']
    rows = RowFiles([folder / 'questions.jsonl'], '', 0.0)
    row = next(rows[i] for i in range(len(rows)) if rows[i].meta['frame'] == '0')
    depth = cv2.imread(str(row.depth_path), cv2.IMREAD_UNCHANGED)
    assert depth.dtype == np.uint16 and set(np.unique(depth)) == {1200, 2000, 3000}
    assert row.image_path.is_file()
    text = (folder / 'questions.jsonl').read_text()
    assert '"answer": "1.22 m."' in text and 'red object' in text, 'its nearest corner is aside'


def test_depth_that_counts_in_another_unit_becomes_millimetres(folder):
    (folder / 'rgb' / '0.png').unlink()
    main(settings(folder, depth_unit=0.0005), quiet=True)
    rows = RowFiles([folder / 'questions.jsonl'], '', 0.0)
    depth = cv2.imread(str(rows[0].depth_path), cv2.IMREAD_UNCHANGED)
    assert set(np.unique(depth)) == {600, 1000, 1500}
    with pytest.raises(ConfigError, match='depth_unit: expected more than 0'):
        main(settings(folder, depth_unit=0.0), quiet=True)


def test_curation_goes_on_where_it_stopped_and_more_processes_change_nothing(folder):
    main(settings(folder, frames=0), quiet=True)
    whole = (folder / 'questions.jsonl').read_bytes()
    parts = sorted((folder / 'questions.parts').glob('0*.jsonl'))
    parts[1].unlink()
    before = parts[0].stat().st_mtime_ns
    main(settings(folder, workers=2), quiet=True)
    assert (folder / 'questions.jsonl').read_bytes() == whole
    assert parts[0].stat().st_mtime_ns == before, 'what was done is not done again'
    with pytest.raises(ConfigError, match='seed: 0 -> 1'):
        main(settings(folder, seed=1), quiet=True)


def test_broken_frames_are_named_and_too_many_stop_the_work(folder, capsys):
    (folder / 'rgb' / '1.png').write_bytes(b'not a picture')
    with pytest.raises(DataError, match=r'1 of 3 frames[\s\S]*1: .*not an image'):
        main(settings(folder), quiet=True)
    main(settings(folder, max_broken=0.5), quiet=True)
    rows = [json.loads(line) for line in (folder / 'questions.jsonl').open()]
    assert {row['meta']['frame'] for row in rows} == {'0', '2'}


@pytest.mark.parametrize(
    ('remove', 'says'), [('intrinsics.yaml', '--intrinsics fx,fy,cx,cy'), ('rgb', 'no frames')]
)
def test_a_folder_that_is_none_is_refused_with_a_way_out(folder, remove, says, capsys):
    path = folder / remove
    path.rename(folder.parent / 'elsewhere')
    assert command_line([str(folder), '--out', str(folder / 'q.jsonl')]) == 2
    assert says in capsys.readouterr().err


def test_a_calibration_that_says_two_things_is_refused(folder, capsys):
    path = folder / 'intrinsics.yaml'
    path.write_text('fx: 300.0\nfy: 300.0\ncx: 160.0\ncy: 120.0\nfx: 150.0\n')
    assert command_line([str(folder), '--out', str(folder / 'q.jsonl')]) == 2
    assert "'fx' is given twice" in capsys.readouterr().err


def test_ray_is_asked_for_by_name_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'ray', None)
    with pytest.raises(MissingPackageError, match=r'pip install .*\[ray\]'):
        list(run([], 'ray', 1))
