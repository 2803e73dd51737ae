# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Checkpoints as they are found: half downloaded, quantised, wrapped, or another one's parts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file
import torch
from transformers import AutoTokenizer
import yaml

from ssr_ros.errors import CheckpointError, ConfigError, TensorMismatchError
from ssr_ros.model import load_reasoner, presets
from ssr_ros.model.load import check_tor_ids
from ssr_ros.model.spec import read_spec
from ssr_ros.model.tokens import SsrTokenizer
from training.export import main as export

MIDI = 'midi/model.safetensors'
POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5368\n'


def load(folder: Path):
    return load_reasoner(folder, device='cpu')


def change_json(path: Path, **changes) -> None:
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(content | changes))


def change_tensors(path: Path, change) -> None:
    tensors = load_file(path)
    save_file(change(tensors) or tensors, path, metadata={'format': 'pt'})


def settings(folder: Path, **changes) -> None:
    path = folder / 'reasoner.yaml'
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changes))


@pytest.mark.parametrize('method', ['bitsandbytes', 'awq', 'gptq', 'fp8', 'compressed-tensors'])
def test_a_quantised_folder_is_refused_before_anything_is_read(
    own_checkpoint, monkeypatch, method
):
    change_json(own_checkpoint / 'vlm/config.json', quantization_config={'quant_method': method})
    loader = 'ssr_ros.model.load.load_image_encoder'
    monkeypatch.setattr(loader, lambda *given: pytest.fail('something was loaded'))
    with pytest.raises(CheckpointError, match=rf'vlm: the weights are quantised \({method}\)'):
        load(own_checkpoint)


@pytest.mark.parametrize('name', ['quantize_config.json', 'quant_config.json'])
def test_old_quantised_folders_say_so_in_a_file_of_their_own(own_checkpoint, name):
    change_json(own_checkpoint / 'vlm' / name, w_bit=4)
    with pytest.raises(CheckpointError, match='quantised'):
        load(own_checkpoint)


def test_eight_bit_floats_are_no_weights_of_ours(own_checkpoint):
    def quantise(tensors):
        tensors['tor_proj.0.bias'] = tensors['tor_proj.0.bias'].to(torch.float8_e4m3fn)

    change_tensors(own_checkpoint / MIDI, quantise)
    with pytest.raises(CheckpointError, match=r'tor_proj\.0\.bias is of type F8_E4M3'):
        load(own_checkpoint)


@pytest.mark.parametrize(
    'file', [MIDI, 'vlm/model.safetensors', 'mamba/tokenizer.json', 'vlm/config.json']
)
def test_a_git_lfs_pointer_is_called_one(own_checkpoint, file):
    (own_checkpoint / file).write_text(POINTER)
    with pytest.raises(CheckpointError, match=rf'{file}: a Git LFS pointer.*git lfs pull'):
        load(own_checkpoint)


@pytest.mark.parametrize('prefix', ['module.', '_orig_mod.', '_fsdp_wrapped_module.'])
def test_names_of_a_wrapped_model_are_explained(own_checkpoint, prefix):
    change_tensors(own_checkpoint / MIDI, lambda found: {prefix + n: t for n, t in found.items()})
    with pytest.raises(CheckpointError, match=rf"names start with '{prefix}'.*inside the wrapper"):
        load(own_checkpoint)


@pytest.mark.parametrize(
    ('file', 'name'),
    [
        (MIDI, 'tor_proj.2.bias'),
        ('vlm/model.safetensors', 'layers.0.mlp.up_proj.weight'),
        ('clip/model.safetensors', 'post_layernorm.weight'),
        ('siglip/model.safetensors', 'post_layernorm.weight'),
    ],
)
@pytest.mark.parametrize('value', [float('nan'), float('-inf')])
def test_weights_that_are_not_finite_are_named(own_checkpoint, file, name, value):
    def damage(tensors):
        next(t for n, t in tensors.items() if n.endswith(name)).view(-1)[3] = value

    change_tensors(own_checkpoint / file, damage)
    with pytest.raises(CheckpointError, match=rf'{name} holds values that are not finite'):
        load(own_checkpoint)


@pytest.mark.parametrize('eos', [None, [], [100_000]])
def test_a_model_without_an_end_of_turn_is_refused(own_checkpoint, eos):
    """Every answer would run on to its last allowed token."""
    vlm = own_checkpoint / 'vlm'
    change_json(vlm / 'generation_config.json', eos_token_id=eos)
    config = json.loads((vlm / 'config.json').read_text())
    config['text_config']['eos_token_id'] = None
    (vlm / 'config.json').write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=r'eos_token_id.*no answer would ever end'):
        load(own_checkpoint)


@pytest.mark.parametrize(
    ('template', 'said'),
    [
        ('{% for message in messages %}', 'TemplateSyntaxError'),
        ('{{ messages[9].role }}', 'UndefinedError'),
        ("{{ raise_exception('no images') }}", 'TemplateError: no images'),
        ('{% for i in range(10 ** 9) %}x{% endfor %}', 'OverflowError'),
        ('{{ messages[0].content[1].text }}', 'must show one image'),
    ],
)
def test_a_broken_chat_template_is_a_word_of_jinjas(own_checkpoint, template, said):
    change_json(own_checkpoint / 'vlm/tokenizer_config.json', chat_template=template)
    with pytest.raises(CheckpointError, match=said):
        load(own_checkpoint)


@pytest.mark.parametrize(
    ('template', 'said'),
    [
        (
            '{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}'
            '{% endfor %}{% endfor %}{% endfor %}',
            'more time or memory',
        ),
        ('{{ 10 ** (10 ** 10) }}', 'more time or memory'),
        (
            "{% set ns = namespace(x='xxxxxxxx') %}"
            '{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}',
            'MemoryError',
        ),
        ('{% for i in range(70000) %}x{% endfor %}', '70,000 characters; at most 65,536'),
        ('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', 'RecursionError'),
    ],
    ids=['loops', 'power', 'doubling', 'long', 'recursion'],
)
def test_a_chat_template_that_would_run_for_years_is_ended(own_checkpoint, template, said):
    change_json(own_checkpoint / 'vlm/tokenizer_config.json', chat_template=template)
    with pytest.raises(CheckpointError, match=said):
        load(own_checkpoint)


LISTED = """
    {%- for message in messages %}
        {%- if loop.index0 == 1 %}{% continue %}{% endif %}
        {% generation %}
  {{- message.role }} {% endgeneration %}
        {%- if message.content is string %} says {{ message.content | tojson }}{% endif %}
        {%- if loop.index0 == 2 %}{% break %}{% endif %}
    {%- endfor %}
    {% if tools is none and documents is none and not other %}
    plain
    {% endif %}
"""


@pytest.mark.parametrize(
    'template',
    [
        '{{ messages[0].content }}|{{ eos_token }}|{{ add_generation_prompt }}',
        LISTED,
        '{{ messages | tojson(indent=2) }}{{ dict(b=1, a=2) | tojson(sort_keys=true) }}',
        '{% set seen = namespace(self=0) %}{% for m in messages %}'
        '{% set seen.self = seen.self + loop.index %}{% endfor %}{{ seen.self }}',
        '{{ "" if strftime_now("%Y") | length == 4 else "no year" }}.',
    ],
    ids=['variables', 'blocks', 'json', 'namespace', 'year'],
)
def test_a_chat_template_sees_what_the_library_gives_it(own_checkpoint, template):
    said = ['où?', '<b>&"', 'two', 'not reached']
    messages = [{'role': f'user {i}', 'content': text} for i, text in enumerate(said)]
    library = AutoTokenizer.from_pretrained(own_checkpoint / 'vlm', local_files_only=True)
    expected = library.apply_chat_template(
        messages, chat_template=template, tokenize=False, add_generation_prompt=True
    )
    assert library.eos_token and expected
    assert SsrTokenizer(own_checkpoint / 'vlm').render_chat(messages, template) == expected


@pytest.mark.parametrize(
    'template',
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ '{0.__class__.__mro__[1]}'.format(0) }}",
        '{{ raise_exception.__globals__.sys }}',
        "{{ (messages[0] | attr('__init__')).__globals__ }}",
        '{{ namespace.__globals__.sys }}',
        "{% set ns = namespace() %}{% set ns.__self__ = 'x' %}",
        '{{ namespace(**{"__name__": "format"}) }}',
        '{{ messages.append(1) }}',
        '{% include "/etc/hostname" %}',
    ],
)
def test_a_chat_template_does_not_get_out_of_its_box(own_checkpoint, template):
    messages = [{'role': 'user', 'content': 'x'}]
    refused = r'SecurityError|UndefinedError|TypeError: no loader'
    with pytest.raises(CheckpointError, match=refused):
        SsrTokenizer(own_checkpoint / 'vlm').render_chat(messages, template)


def test_a_jinja_whose_sandbox_leaks_renders_nothing(own_checkpoint, monkeypatch):
    monkeypatch.setattr('importlib.metadata.version', lambda package: '3.1.2')
    with pytest.raises(CheckpointError, match=r'jinja2>=3\.1\.6 is required.*3\.1\.2'):
        load(own_checkpoint)


def test_a_folder_without_a_chat_template_says_where_one_is_looked_for(own_checkpoint):
    change_json(own_checkpoint / 'vlm/tokenizer_config.json', chat_template=None)
    with pytest.raises(CheckpointError, match=r'no chat template: expected one in'):
        load(own_checkpoint)


@pytest.mark.parametrize('encoder', ['clip', 'siglip'])
@pytest.mark.parametrize(
    ('side', 'said'), [(70, '70 x 70 pixels and the model reads 56 x 56'), (10**6, '1000000')]
)
def test_a_preprocessor_of_another_size_than_its_model(own_checkpoint, encoder, side, said):
    """Upstream's inference script has one: nothing fails, accuracy does."""
    size = {'height': side, 'width': side}
    change_json(own_checkpoint / encoder / 'preprocessor_config.json', size=size)
    with pytest.raises(CheckpointError, match=said):
        load(own_checkpoint)


@pytest.mark.parametrize('part', ['clip', 'vlm'])
def test_a_preprocessor_that_divides_by_zero(own_checkpoint, part):
    change_json(own_checkpoint / part / 'preprocessor_config.json', image_std=[0, 0, 0])
    with pytest.raises(CheckpointError, match='not finite'):
        load(own_checkpoint)


@pytest.mark.parametrize(
    ('part', 'changes'),
    [
        ('clip', {'size': {'height': 'x', 'width': 56}}),
        ('vlm', {'size': {'shortest_edge': 'x', 'longest_edge': 10**7}}),
        ('vlm', {'size': {'shortest_edge': 784}}),
        ('vlm', {'image_mean': [1]}),
    ],
)
def test_a_preprocessor_that_cannot_make_an_image(own_checkpoint, part, changes):
    """It is tried on one at load, not on the first frame."""
    change_json(own_checkpoint / part / 'preprocessor_config.json', **changes)
    with pytest.raises(CheckpointError, match=part):
        load(own_checkpoint)


@pytest.mark.parametrize(
    ('size', 'tokens'),
    [
        ({'shortest_edge': 1, 'longest_edge': 800}, '1x1'),
        ({'shortest_edge': 1, 'longest_edge': 1}, None),
        ({'shortest_edge': 784, 'longest_edge': 40_000}, '7x7'),
    ],
)
def test_a_preprocessor_that_shrinks_the_picture(own_checkpoint, size, tokens):
    """252x252 pixels of 28x28 to a token are 9x9; one token of gray gives fluent answers."""
    change_json(own_checkpoint / 'vlm/preprocessor_config.json', size=size)
    settings(own_checkpoint, image_size=[256, 256])
    said = f'shrinks a picture of 252x252 pixels to {tokens} tokens where it has 9x9'
    with pytest.raises(CheckpointError, match=said if tokens else 'vlm'):
        load(own_checkpoint)


@pytest.mark.parametrize('broken', [{'padding': 3}, {'version': '9'}, {'decoder': 'x'}], ids=str)
def test_a_tokenizer_that_its_library_cannot_read(own_checkpoint, broken):
    """It raises a plain Exception."""
    change_json(own_checkpoint / 'mamba/tokenizer.json', **broken)
    with pytest.raises(CheckpointError, match=r'mamba: cannot be loaded: ValueError: tok'):
        load(own_checkpoint)


def test_a_vlm_preprocessor_of_other_patches_than_its_model(own_checkpoint):
    change_json(own_checkpoint / 'vlm/preprocessor_config.json', merge_size=4)
    with pytest.raises(CheckpointError, match='patches of 14 pixels, 2 frames and 4 to a token'):
        load(own_checkpoint)


def test_the_places_of_tor_are_written_down_and_compared(own_checkpoint, tmp_path):
    """With one token more in a tokenizer <tor> reads an embedding that nobody has trained."""
    export(str(own_checkpoint), tmp_path / 'out')
    expected = tuple(SsrTokenizer(own_checkpoint / part).tor_id for part in ('mamba', 'vlm'))
    assert read_spec(tmp_path / 'out').tor_ids == expected
    load(tmp_path / 'out')
    path = tmp_path / 'out/mamba/tokenizer.json'
    content = json.loads(path.read_text())
    last = content['added_tokens'][-1]
    content['added_tokens'].append({**last, 'id': last['id'] + 1, 'content': '<mine>'})
    path.write_text(json.dumps(content))
    said = rf'<tor> was token {expected[0]} of the Mamba and {expected[1]} of the VLM'
    tokenizers = [SsrTokenizer(tmp_path / 'out' / part) for part in ('mamba', 'vlm')]
    with pytest.raises(CheckpointError, match=said):
        check_tor_ids(read_spec(tmp_path / 'out'), *tokenizers)


def test_both_presets_say_where_tor_stands():
    assert read_spec('ssr-7b').tor_ids == (50277, 151665)
    assert read_spec('nano').tor_ids is not None
    assert set(presets()) == {'nano', 'ssr-7b'}


@pytest.mark.parametrize(
    ('text', 'error'),
    [('image_encoder: ' + 'x' * 5000 + '\n', CheckpointError), ('', ConfigError)],
    ids=['long', 'empty'],
)
def test_a_yaml_that_names_no_part_is_refused(own_checkpoint, text, error):
    path = own_checkpoint / 'reasoner.yaml'
    lines = [
        line for line in path.read_text().splitlines() if not line.startswith('image_encoder:')
    ]
    path.write_text('\n'.join(lines) + '\n' + text)
    with pytest.raises(error, match='image_encoder'):
        load(own_checkpoint)


@pytest.mark.parametrize('limits', [[1.0, 1.00001], [0.5, 0.55], [40.0, 65.0]])
def test_a_depth_range_that_paints_every_room_in_one_gray_is_refused(own_checkpoint, limits):
    settings(own_checkpoint, depth_range_m=limits)
    with pytest.raises(ConfigError, match='would paint every picture in one gray'):
        read_spec(own_checkpoint)


def test_a_yaml_key_that_is_given_twice_is_refused(own_checkpoint):
    path = own_checkpoint / 'reasoner.yaml'
    path.write_text(path.read_text() + 'midi: other\n')
    with pytest.raises(CheckpointError, match="'midi' is given twice"):
        read_spec(own_checkpoint)


@pytest.mark.parametrize(
    ('file', 'content', 'said'),
    [
        ('vlm/config.json', '[' * 100_000, 'recursion'),
        ('vlm/config.json', '{"a": ' + '[' * 900 + ']' * 900 + '}', None),
        ('vlm/config.json', '{"a": 1' + '0' * 400 + '}', 'a: no setting'),
        ('vlm/config.json', '{"a": NaN}', 'a: no setting of a model is nan'),
        ('vlm/config.json', '"' + 'x' * (2 << 20) + '"', 'bytes of settings'),
        ('mamba/config.json', '{"layer_norm_epsilon": -1}', 'layer_norm_epsilon'),
        ('mamba/config.json', '{"layer_norm_epsilon": "small"}', 'layer_norm_epsilon'),
    ],
    ids=['deep', 'less deep', 'huge', 'nan', 'long', 'negative', 'word'],
)
def test_absurd_settings_are_refused_at_once(own_checkpoint, file, content, said):
    (own_checkpoint / file).write_text(content)
    with pytest.raises(CheckpointError, match=said):
        load(own_checkpoint)


@pytest.mark.parametrize(
    ('part', 'changes'),
    [
        ('clip', {'num_hidden_layers': 1_000_000}),
        ('siglip', {'hidden_size': 2_000_000_000}),
        ('clip', {'intermediate_size': -5}),
        ('clip', {'num_attention_heads': 0}),
        ('siglip', {'image_size': 1_000_000}),
    ],
)
def test_a_model_of_absurd_size_is_refused_before_it_is_built(own_checkpoint, part, changes):
    change_json(own_checkpoint / part / 'config.json', **changes)
    with pytest.raises(CheckpointError, match=part):
        load(own_checkpoint)


@pytest.mark.parametrize('number', ['1000000', '7', '²'])
def test_a_layer_number_builds_no_layers(own_checkpoint, number):
    def rename(tensors):
        return {n.replace('layers.1.', f'layers.{number}.'): t for n, t in tensors.items()}

    change_tensors(own_checkpoint / MIDI, rename)
    with pytest.raises(TensorMismatchError, match=r'layers\.1\.'):
        load(own_checkpoint)


def test_sizes_that_no_tensor_holds_take_no_memory(own_checkpoint):
    """A matrix of a billion rows and no columns is a few bytes in a file."""

    def widen(tensors):
        for name in list(tensors):
            if name.endswith('A_log'):
                tensors[name] = torch.zeros(1_000_000_000, 0)

    change_tensors(own_checkpoint / MIDI, widen)
    with pytest.raises(TensorMismatchError, match='of the wrong shape'):
        load(own_checkpoint)


def test_a_pipe_in_place_of_a_file_does_not_hang(own_checkpoint):
    (own_checkpoint / MIDI).unlink()
    os.mkfifo(own_checkpoint / MIDI)
    with pytest.raises(CheckpointError, match='not a regular file'):
        load(own_checkpoint)


@pytest.mark.parametrize('eos', [['</s>'], 1.5, [None]])
def test_an_end_of_turn_that_is_no_token_number_is_a_checkpoint_error(own_checkpoint, eos):
    change_json(own_checkpoint / 'vlm/generation_config.json', eos_token_id=eos)
    with pytest.raises(CheckpointError, match='vlm'):
        load(own_checkpoint)
