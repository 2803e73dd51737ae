# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Both stages end to end on a tiny checkpoint: exact resume, loadable output, plain refusals."""

from dataclasses import replace
import json
from pathlib import Path
import re

import cv2
import numpy as np
import pytest
from safetensors.torch import load_file
import torch

from ssr_ros.errors import ConfigError, TensorMismatchError
from ssr_ros.model import load_reasoner
from ssr_ros.model.lora import merge_adapter
from ssr_ros.model.wide import dtype_of
from ssr_ros.rgbd import CameraIntrinsics, load_frame
from training import export, stage1, stage2
from training.data.datasets import SampleSet
from training.data.frames import Sample
from training.run import launch
from training.run.failures import DataError, TrainingError
from training.run.settings import DataSettings, Stage1Settings, Stage2Settings
from training.small import base_vlm, latents, mamba
from training.small.briefs import in_brief
from training.small.readings import MIDI_TOLD
from training.small.settings import BaseVlmSettings, LatentsSettings, MambaSettings

STAGES = {
    'stage1': (stage1.main, Stage1Settings),
    'stage2': (stage2.main, Stage2Settings),
    'latents': (latents.main, LatentsSettings),
    'base_vlm': (base_vlm.main, BaseVlmSettings),
}


def weights(checkpoint):
    return {
        **load_file(checkpoint / 'trained.safetensors'),
        **load_file(checkpoint / 'moments.safetensors'),
    }


def log_of(config, part='train'):
    lines = Path(config.run.output, 'log.jsonl').read_text(encoding='utf-8').splitlines()
    rows = [json.loads(line) for line in lines]
    return [row for row in rows if row['part'] == part]


def frame_of(folder, number=0):
    pair = (folder / f'{number}.png', folder / f'{number}_depth.png')
    return load_frame(*pair, CameraIntrinsics(50.0, 50.0, 32.0, 24.0))


@pytest.mark.parametrize(
    ('stage', 'more'),
    [
        ('stage1', {}),
        ('stage2', {}),
        ('stage2', {'keep_rationale': 0.5}),
        ('stage2', {'encoders': 0.5}),
        ('base_vlm', {}),
        ('latents', {'optim': {'tor_proj': 0.5}}),
        ('latents', {'keep_rationale': 0.5}),
        ('stage1', {'model': {'n_tor': 0}}),
        ('stage2', {'model': {'n_tor': 1}}),
    ],
)
def test_two_steps_and_two_more_are_four_steps_bit_for_bit(configure, stage, more):
    main, kind = STAGES[stage]
    whole = weights(main(configure(kind, 'whole', **more)))
    main(configure(kind, 'parts', run={'stop_after': 2}, **more))
    resumed = main(configure(kind, 'parts', **more))
    assert resumed.name == 'step-00000004'
    again = weights(resumed)
    assert whole.keys() == again.keys() and len(whole) > 20
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    start = weights(resumed.parent / 'step-00000002')
    assert any(not torch.equal(start[name], again[name]) for name in whole), 'it went on'


def test_a_run_whose_settings_say_two_things_is_not_gone_on_with(configure):
    config = configure(Stage1Settings, 'parts', run={'stop_after': 2})
    stage1.main(config)
    path = next(Path(config.run.output).rglob('settings.yaml'))
    path.write_text(path.read_text() + 'optim: {}\n')
    with pytest.raises(ConfigError, match=r"settings\.yaml: .*'optim' is given twice"):
        stage1.main(config)


def test_one_pass_of_four_equals_two_accumulated_passes_of_two(configure):
    optim = {'steps': 1, 'batch': 4, 'accumulate': 1}
    one = configure(Stage1Settings, 'one', optim=optim)
    two = configure(Stage1Settings, 'two', optim={**optim, 'batch': 2, 'accumulate': 2})
    stage1.main(one)
    stage1.main(two)
    first, second = log_of(one)[0], log_of(two)[0]
    for name in ('mamba', 'llm', 'gradient_norm'):
        assert first[name] == pytest.approx(second[name], rel=1e-5)


def test_the_loss_falls_and_is_evaluated_on_the_way(configure, frames):
    config = configure(
        Stage1Settings,
        data={'val': [str(frames / 'data.jsonl')]},
        optim={'steps': 16, 'batch': 4},
        run={'eval_every': 8},
    )
    stage1.main(config)
    trained, evaluated = log_of(config), log_of(config, 'val')
    assert trained[-1]['mamba'] < 0.8 * trained[0]['mamba']
    assert [row['step'] for row in evaluated] == [8, 16]
    assert evaluated[1]['mamba'] < evaluated[0]['mamba']


def test_stage_1_plugs_a_new_midi_into_the_untouched_vlm(configure, untrained, frames):
    config = configure(Stage1Settings)
    stage1.main(config)
    before, after = load_reasoner(untrained), load_reasoner(config.run.output)
    assert after.trained and 'plug-and-play' in after.description
    frame = frame_of(frames)
    ours, old = (r.latents(r.encode(frame), 'Where is it?') for r in (after, before))
    assert not torch.allclose(ours, old)
    for name, value in before.vlm.model.state_dict().items():
        assert torch.equal(value, after.vlm.model.state_dict()[name])


def test_stage_2_continues_stage_1_and_its_adapter_has_the_released_names(configure, frames):
    first = configure(Stage1Settings, 'first')
    stage1.main(first)
    config = configure(Stage2Settings, 'second', model={'start': first.run.output})
    folder = stage2.main(config)
    names = list(load_file(folder / 'ssr_vlm' / 'adapter_model.safetensors'))
    language = (
        r'base_model\.model\.model\.layers\.\d+\.(self_attn\.[qkvo]|mlp\.(gate|up|down))_proj'
    )
    vision = r'base_model\.model\.visual\.blocks\.\d+\.mlp\.(gate|up|down)_proj'
    pattern = re.compile(rf'({language}|{vision})\.lora_[AB]\.weight')
    assert len(names) == 2 * (2 * 7 + 2 * 3)
    assert all(pattern.fullmatch(name) for name in names)
    reasoner = load_reasoner(config.run.output)
    assert 'with its adapter' in reasoner.description
    assert reasoner.ask(reasoner.encode(frame_of(frames)), 'Where is it?', max_new_tokens=3).tokens


def test_the_merged_adapter_computes_what_was_trained(configure):
    config = configure(Stage2Settings, optim={'learning_rate': 1e-2})
    folder = stage2.main(config)
    stage = launch.start(config)
    plan = stage2.build(stage)
    model, samples = plan.model, plan.samples[0]
    state = load_file(folder / 'trained.safetensors')
    assert not model.load_state_dict(state, strict=False).unexpected_keys
    plain = stage2.build(launch.start(replace(config, lora=replace(config.lora, rank=0)))).model
    midi = {name: value for name, value in state.items() if name.startswith('midi.')}
    plain.load_state_dict(midi, strict=False)
    batch = model.collate([samples[0], samples[1]])
    with torch.no_grad():
        trained, base = model.eval()(batch)['answer'], plain.eval()(batch)['answer']
        merge_adapter(plain.vlm, folder / 'ssr_vlm')
        merged = plain(batch)['answer']
    assert (trained - base).abs().max() > 1e-3, 'the adapter does something'
    assert (trained - merged).abs().max() < 1e-4


def test_stage_2_goes_on_from_an_adapter_and_from_no_other(configure):
    config = configure(Stage2Settings, 'first', optim={'learning_rate': 1e-2})
    adapter = stage2.main(config) / 'ssr_vlm'
    lora = {'start': str(adapter)}
    still = configure(Stage2Settings, 'next', lora=lora, optim={'steps': 1, 'learning_rate': 0.0})
    again = stage2.main(still) / 'ssr_vlm'
    before, after = (load_file(part / 'adapter_model.safetensors') for part in (adapter, again))
    assert before.keys() == after.keys() and all(before[n].equal(after[n]) for n in before)
    with pytest.raises(TensorMismatchError, match='shape'):
        stage2.main(configure(Stage2Settings, 'other', lora={**lora, 'rank': 8}))


def test_an_export_stands_alone_and_answers_as_the_run_does(configure, frames, tmp_path):
    config = configure(Stage2Settings)
    stage2.main(config)
    target = tmp_path / 'export'
    size = export.main(config.run.output, target)
    assert size < 4e6 and not list(target.rglob('moments*'))
    half = tmp_path / 'half'
    assert export.main(config.run.output, half, float16=True) < 0.65 * size
    moved = target.rename(tmp_path / 'moved')
    ours, theirs = load_reasoner(moved), load_reasoner(config.run.output)
    frame = frame_of(frames)
    for question in ('Where is it?', 'How far?'):
        a, b = (r.ask(r.encode(frame), question, max_new_tokens=5) for r in (ours, theirs))
        assert a.tokens == b.tokens
    with pytest.raises(ConfigError, match='exists'):
        export.main(config.run.output, moved)


def test_a_run_below_a_symbolic_link_is_found_again(configure, tmp_path):
    (tmp_path / 'far' / 'away').mkdir(parents=True)
    (tmp_path / 'out').symlink_to(tmp_path / 'far' / 'away')
    config = configure(Stage1Settings, 'out/run', optim={'steps': 1})
    stage1.main(config)
    assert load_reasoner(config.run.output).trained


def test_the_control_without_midi_trains_the_adapter_alone(configure, frames):
    config = configure(Stage2Settings, with_midi=False)
    folder = stage2.main(config)
    assert not (folder / 'midi').exists()
    reasoner = load_reasoner(config.run.output)
    assert reasoner.n_tor == 0
    with pytest.raises(ConfigError, match='with_midi=false'):
        stage2.main(configure(Stage2Settings, 'none', model={'n_tor': 0}))
    with pytest.raises(ConfigError, match=r'lora\.rank'):
        stage2.main(configure(Stage2Settings, with_midi=False, lora={'rank': 0}))


def test_the_base_vlm_learns_without_depth_and_stage_1_starts_from_it(configure, frames):
    base = configure(BaseVlmSettings, 'base')
    base_vlm.main(base)
    assert not load_reasoner(base.run.output).trained, 'its MIDI is still random'
    config = configure(Stage1Settings, 'next', model={'start': base.run.output})
    stage1.main(config)
    trained, random = load_reasoner(config.run.output), load_reasoner(base.run.output)
    start = trained.vlm.model.state_dict()
    assert all(torch.equal(v, start[k]) for k, v in random.vlm.model.state_dict().items())


@pytest.mark.parametrize('stage', ['stage1', 'latents', 'stage2'])
def test_saving_memory_changes_no_weight(configure, stage, monkeypatch):
    monkeypatch.setattr('training.run.launch.Stage.at_once', False)  # it rounds in another order
    main, kind = STAGES[stage]
    plain = weights(main(configure(kind, 'plain', optim={'steps': 2})))
    model = {'save_memory': True}
    saved = weights(main(configure(kind, 'saved', optim={'steps': 2}, model=model)))
    assert all(torch.allclose(plain[name], saved[name], atol=1e-6) for name in plain)


def test_what_is_trained_beside_a_bfloat16_vlm_stays_float32(configure, untrained):
    config = configure(Stage2Settings, model={'bf16': True})
    assert dtype_of(launch.start(config).parts.vlm().model) == torch.bfloat16
    trained = weights(stage2.main(config))
    assert {tensor.dtype for tensor in trained.values()} == {torch.float32}
    assert all(np.isfinite(row['answer']) for row in log_of(config))
    assert 'with its adapter' in load_reasoner(config.run.output).description


def test_a_row_without_depth_is_read_as_depth_that_is_wholly_unknown(configure, frames):
    turns = [
        {'from': 'human', 'value': '<image>\nWhich colour?'},
        {'from': 'gpt', 'value': 'Red.'},
    ]
    row = {'id': '0', 'image': '0.png', 'conversations': turns}
    (frames / 'llava.jsonl').write_text(json.dumps(row) + '\n')
    files = [str(frames / 'data.jsonl'), str(frames / 'llava.jsonl')]
    config = configure(Stage2Settings, data={'train': files}, optim={'steps': 7})
    stage2.main(config)
    samples, _ = stage2.build(launch.start(config)).samples
    last = samples[len(samples) - 1]
    assert last.row.answer == 'Red.' and last.depth.unique().numel() == 1


def test_a_run_with_other_settings_is_not_gone_on_with(configure):
    stage1.main(configure(Stage1Settings))
    with pytest.raises(ConfigError, match=r'optim\.batch: 2 -> 3'):
        stage1.main(configure(Stage1Settings, optim={'batch': 3}))
    stage1.main(configure(Stage1Settings, run={'log_every': 1}))  # how it is watched may change


def test_a_loss_that_is_not_a_number_stops_before_it_reaches_the_weights(configure, frames):
    config = configure(
        Stage1Settings,
        optim={'learning_rate': 1e30, 'clip': 0.0, 'warmup': 0.0},
        run={'save_every': 1},
    )
    with pytest.raises(TrainingError) as stopped:
        stage1.main(config)
    step = int(re.search(r'step (\d+): the (?:loss|norm)', str(stopped.value))[1])
    assert step > 1 and f'step-{step - 1:08d}' in str(stopped.value)
    assert 'data.jsonl:' in str(stopped.value), 'the batch is named'


def test_a_broken_image_is_left_out_and_never_exchanged(configure, frames, caplog):
    whole = (frames / '3.png').read_bytes()
    (frames / '3.png').write_bytes(whole[: len(whole) // 2])
    cv2.imwrite(str(frames / '5_depth.png'), np.ones((24, 32), np.uint16))
    (frames / '7_depth.png').unlink()
    config = configure(Stage1Settings, data={'max_broken': 0.3}, optim={'steps': 6})
    stage1.main(config)
    for line, why in ((4, 'the PNG image is cut short'), (6, '32x24'), (8, 'cannot be read')):
        assert any(f'data.jsonl:{line}' in m and why in m for m in caplog.messages), line
    with pytest.raises(DataError, match='of 12 samples are broken, more than 1 %'):
        stage1.main(configure(Stage1Settings, 'strict', optim={'steps': 6}))


def test_a_missing_rationale_is_broken_in_stage_1_and_welcome_in_stage_2(configure, frames):
    file = frames / 'data.jsonl'
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    for row in rows:
        del row['rationale']
    file.write_text(''.join(json.dumps(row) + '\n' for row in rows))
    with pytest.raises(DataError, match='not one sample'):
        stage1.main(configure(Stage1Settings))
    stage2.main(configure(Stage2Settings, optim={'steps': 1}))


def test_cached_features_give_the_same_run_and_are_not_made_twice(
    configure, tmp_path, monkeypatch
):
    plain = weights(stage1.main(configure(Stage1Settings, 'plain')))
    data = {'feature_cache': str(tmp_path / 'cache')}
    first = weights(stage1.main(configure(Stage1Settings, 'first', data=data)))
    assert all(torch.allclose(plain[n], first[n], atol=1e-5) for n in plain)

    def refuse(*_):
        raise AssertionError('features were made again')

    monkeypatch.setattr('ssr_ros.model.encoders.ImageEncoder.__call__', refuse)
    second = weights(stage1.main(configure(Stage1Settings, 'second', data=data)))
    assert all(torch.equal(first[n], second[n]) for n in first)


def test_a_run_that_keeps_its_batches_reads_each_once_and_goes_on_exactly(
    configure, tmp_path, monkeypatch
):
    data, optim = {'kept': 2}, {'steps': 7, 'batch': 2}
    read = []
    sampled = SampleSet.__getitem__
    monkeypatch.setattr(
        SampleSet, '__getitem__', lambda self, index: read.append(index) or sampled(self, index)
    )
    whole = weights(stage2.main(configure(Stage2Settings, 'whole', data=data, optim=optim)))
    assert len(read) == 2 * 2 + 1  # and the stand-in
    stopped = {'stop_after': 4, 'save_every': 4}
    stage2.main(configure(Stage2Settings, 'halves', data=data, optim=optim, run=stopped))
    halves = weights(stage2.main(configure(Stage2Settings, 'halves', data=data, optim=optim)))
    assert all(torch.equal(whole[name], halves[name]) for name in whole)


@pytest.mark.parametrize(
    ('told', 'second'), [('either', lambda row: row.answer), ('brief', in_brief)]
)
def test_every_second_rationale_can_be_the_answer_or_a_brief(configure, told, second):
    files = configure(Stage1Settings).data.train
    samples = SampleSet(files, DataSettings(), Sample, change=MIDI_TOLD[told])
    for number in range(len(samples)):
        row = samples.rows[number]
        told = second(row) if number % 2 else row.rationale
        assert samples[number].row == replace(row, rationale=told)


def test_a_mamba_is_told_answers_in_the_place_of_rationales_and_no_teacher_reads_it(configure):
    plain = configure(MambaSettings, 'plain', optim={'steps': 2})
    told = configure(MambaSettings, 'told', told='answer', optim={'steps': 2})
    mamba.main(plain)
    mamba.main(told)
    written, answered = log_of(plain)[0], log_of(told)[0]
    assert 'llm' not in answered and answered['mamba'] != written['mamba']
    with pytest.raises(ConfigError, match='told must be one of rationale, answer, either'):
        configure(MambaSettings, told='all')


def test_what_midi_writes_is_kept_beside_answers_where_that_is_wanted(configure, frames):
    """In stage 2 and in latents: the rationale's loss falls only where it has a weight."""
    for main, kind in ((stage2.main, Stage2Settings), (latents.main, LatentsSettings)):
        optim = {'steps': 24, 'batch': 4, 'learning_rate': 5e-3}
        config = configure(kind, kind.__name__, keep_rationale=1.0, optim=optim)
        main(config)
        logged = log_of(config)
        assert logged[-1]['rationale'] < 0.8 * logged[0]['rationale']
        plain = configure(kind, f'{kind.__name__}_plain', optim=optim)
        main(plain)
        assert 'rationale' not in log_of(plain)[0]


def test_the_weight_of_a_loss_scales_its_gradient_and_not_what_is_logged(configure):
    norms = {}
    for weight in (1e-6, 1.0, 2.0):
        config = configure(
            LatentsSettings, f'weight {weight}', keep_rationale=weight, optim={'steps': 1}
        )
        latents.main(config)
        norms[weight] = log_of(config)[0]
    assert norms[1.0]['rationale'] == pytest.approx(norms[2.0]['rationale'], rel=1e-6)
    assert norms[1e-6]['gradient_norm'] < norms[1.0]['gradient_norm']
    assert norms[1.0]['gradient_norm'] < norms[2.0]['gradient_norm']


def test_a_run_by_the_clock_ends_with_a_rate_of_nothing_and_is_over(configure):
    optim = {'steps': 100_000, 'minutes': 0.03, 'warmup': 0.0}
    config = configure(Stage1Settings, optim=optim, run={'log_every': 1})
    newest = stage1.main(config)
    logged = log_of(config)
    rates = [row['learning_rate'] for row in logged]
    assert rates == sorted(rates, reverse=True) and rates[-1] < 0.3 * rates[0]
    assert 1 < len(logged) < 100_000
    assert stage1.main(config) == newest, 'started again it has nothing left to do'
    assert log_of(config) == logged


@pytest.mark.parametrize(
    ('group', 'key', 'value'),
    [
        ('optim', 'learning_rate', float('nan')),
        ('optim', 'learning_rate', -1.0),
        ('optim', 'batch', 0),
        ('optim', 'accumulate', -1),
        ('optim', 'epochs', 0.0),
        ('data', 'max_broken', float('nan')),
        ('data', 'workers', -1),
        ('data', 'together', 0),
        ('data', 'answer_tokens', 0),
        ('run', 'log_every', 0),
        ('run', 'keep', 0),
        ('model', 'n_tor', -2),
    ],
)
def test_a_number_out_of_its_range_is_refused_whoever_made_the_settings(
    configure, group, key, value
):
    config = configure(Stage1Settings)
    changed = replace(config, **{group: replace(getattr(config, group), **{key: value})})
    with pytest.raises(ConfigError, match=rf'{group}\.{key} must be (between|at least|a finite)'):
        stage1.main(changed)
    assert not Path(config.run.output).exists()


@pytest.mark.parametrize('name', ['x' * 300, 'a' * 5000])
def test_a_path_that_no_file_system_takes_is_a_broken_sample(configure, frames, tmp_path, name):
    file = frames / 'data.jsonl'
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    rows[2]['image_path'] = rows[3]['depth_path'] = name
    file.write_text(''.join(json.dumps(row) + '\n' for row in rows))
    for data in ({}, {'feature_cache': str(tmp_path / 'cache')}):
        config = configure(
            Stage1Settings, f'run{len(data)}', data={'max_broken': 0.5, **data}, optim={'steps': 6}
        )
        stage1.main(config)
