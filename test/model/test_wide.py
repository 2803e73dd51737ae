# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Beside 16 bits pixels, sums, norms and what decides stay in float32."""

from copy import deepcopy
from pathlib import Path

from model_frames import make_frame
import pytest
from safetensors.torch import load_file, save_file
import torch

from ssr_ros.model import load_reasoner
from ssr_ros.model.checkpoint import TensorFiles
from ssr_ros.model.lora import add_product
from ssr_ros.model.memory import bytes_needed
from ssr_ros.model.spec import read_spec
from ssr_ros.model.static import NewCache
from ssr_ros.model.towers import TowerOfGrid
from ssr_ros.model.vlm import load_vlm
from ssr_ros.model.wide import keep_sums_wide, kept_wide, Norm

CPU, SIZE = torch.device('cpu'), (56, 56)
NORM = 'model.layers.0.input_layernorm.weight'
THIRD = 1 + 2**-10
"""What float16 holds and bfloat16 does not."""


def store(folder: Path, dtype: torch.dtype) -> None:
    """Store a VLM in another dtype, with numbers in it that need all of float16's digits."""
    file = folder / 'model.safetensors'
    tensors = load_file(file)
    tensors[NORM].fill_(THIRD)
    tensors['lm_head.weight'].fill_(THIRD)
    tensors = {name: tensor.to(dtype) for name, tensor in tensors.items()}
    save_file(tensors, file, metadata={'format': 'pt'})


@pytest.mark.parametrize(
    ('stored', 'loaded', 'wide'),
    [
        (torch.float32, torch.bfloat16, True),
        (torch.float16, torch.bfloat16, True),
        (torch.float32, torch.float16, True),
        (torch.bfloat16, torch.float16, True),
        (torch.bfloat16, torch.bfloat16, False),
        (torch.float16, torch.float16, False),
        (torch.float16, torch.float32, False),
    ],
)
def test_norms_and_head_that_16_bits_cannot_hold_stay_as_they_are_stored(
    own_checkpoint, stored, loaded, wide
):
    store(own_checkpoint / 'vlm', stored)
    model = load_vlm(own_checkpoint / 'vlm', SIZE, CPU, loaded).model
    layers = model.model.language_model.layers
    kept = (layers[0].input_layernorm.weight, model.lm_head.weight)
    assert {p.dtype for p in kept} == {torch.float32 if wide else loaded}
    expected = torch.tensor(THIRD).to(stored).float()
    assert all(torch.equal(p.float(), expected.expand_as(p)) for p in kept)
    assert {p.dtype for p in layers[0].self_attn.parameters()} == {loaded}
    found = kept_wide(TensorFiles(own_checkpoint / 'vlm'), loaded)
    blocks = len(model.model.visual.blocks)
    few = 2 * (len(layers) + blocks) + 3  # the last norm, the merger's and the head
    pixels = 1 if loaded != torch.float32 else 0
    assert len(found) == (few if wide else 0) + pixels


def test_weights_that_stay_wide_are_counted(own_checkpoint):
    """As much as the loaded model has of them: on a GPU nothing stays in files."""
    store(own_checkpoint / 'vlm', torch.float16)
    model = load_vlm(own_checkpoint / 'vlm', SIZE, CPU, torch.bfloat16).model
    held = sum(p.nbytes for p in model.parameters())
    spec = read_spec(own_checkpoint)
    assert bytes_needed(spec, torch.device('cuda'), torch.bfloat16)['vlm'] == held


def test_a_norm_rounds_once():
    """Transformers rounds before the weight and after: 1.0039 x 1.0039 is then 1, not 1.0078."""
    like = torch.nn.RMSNorm(4)
    like.variance_epsilon = 0.0
    like.weight.data.fill_(1.0039)
    hidden = torch.tensor([1.0039, 1.0, 1.0, 0.9961]) * 3
    norm = Norm(like, torch.bfloat16)
    assert norm(hidden).tolist() == [1.0078125, 1.0, 1.0, 1.0]
    assert norm(hidden).dtype == torch.bfloat16


def test_a_norm_with_a_mean_rounds_once_too():
    like = torch.nn.LayerNorm(4)
    like.weight.data.copy_(torch.tensor([1.0039, 1.0, 1.0, 3.0]))
    like.bias.data.fill_(2**-9)
    hidden = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    expected = like(hidden).bfloat16()
    assert torch.equal(Norm(like, torch.bfloat16)(hidden), expected)
    narrow = like.bfloat16()
    found = Norm(narrow, torch.float32)(hidden)
    assert torch.equal(found, narrow.float()(hidden)), 'weights in 16 bits do not make it so'


@pytest.mark.parametrize('stored', [torch.float32, torch.bfloat16], ids=str)
def test_pixels_are_not_rounded(own_checkpoint, stored):
    """Steps of a grey value that bfloat16 does not tell apart are seen by all three networks."""
    for part in ('clip', 'siglip', 'vlm'):
        file = own_checkpoint / part / 'model.safetensors'
        tensors = {name: tensor.to(stored) for name, tensor in load_file(file).items()}
        save_file(tensors, file, metadata={'format': 'pt'})
    loaded = load_reasoner(own_checkpoint, device='cpu', dtype='bfloat16')
    frame = make_frame()
    prompt = loaded.vlm.prompt.image(frame.rgb)
    tower = loaded.vlm.model.model.visual
    grid = TowerOfGrid(tower, prompt.grid)
    side = loaded.image_encoder.model.config.image_size
    size = (1, 3, side, side)
    one, other = 1.0, 1.0 + 2**-10
    assert torch.tensor(one).bfloat16() == torch.tensor(other).bfloat16()
    for see, shape in (
        (lambda x: loaded.image_encoder.model(pixel_values=x).last_hidden_state, size),
        (lambda x: loaded.depth_encoder.model(pixel_values=x).last_hidden_state, size),
        (lambda x: tower.patch_embed(x), prompt.pixel_values.shape),
        (grid, prompt.pixel_values.shape),
    ):
        with torch.inference_mode():
            made = [see(torch.full(shape, value)) for value in (one, other)]
        assert not torch.equal(*made)


def test_what_the_encoders_hand_on_is_a_sum_in_float32(instructions, own_checkpoint):
    """Layers that add a half to a token of 256: in bfloat16 the sum would still be 256."""
    loaded = load_reasoner(own_checkpoint, device='cpu', dtype='bfloat16')
    model = loaded.image_encoder.model
    for layer in model.encoder.layers:
        for module in (layer.self_attn.out_proj, layer.mlp.fc2):
            module.register_forward_hook(lambda _, given, made: torch.full_like(made, 0.5))
    model.pre_layrnorm.register_forward_hook(lambda _, given, made: torch.full_like(made, 256.0))
    frame = make_frame()
    handed_on = loaded.image_encoder(frame.rgb)
    assert handed_on.unique().tolist() == [256 + len(model.encoder.layers)]
    depth = loaded.depth_encoder(loaded.depth_encoder.picture(frame.depth_m))
    assert not torch.equal(depth, depth.bfloat16().float()), 'the last norm is not rounded'
    assert {p.dtype for p in model.encoder.layers[0].mlp.parameters()} == {torch.bfloat16}


@pytest.fixture
def instructions(monkeypatch):
    """Whatever this CPU has: matrices, keys and values are in 16 bits."""
    monkeypatch.setattr('ssr_ros.model.products.multiplies_in', lambda dtype: True)


def test_the_tower_adds_in_float32_whoever_calls_it(instructions, own_checkpoint):
    loaded = load_reasoner(own_checkpoint, device='cpu', dtype='bfloat16')
    tower = loaded.vlm.model.model.visual
    prompt = loaded.vlm.prompt.image(make_frame().rgb)
    seen = []
    tower.merger.ln_q.register_forward_hook(lambda _, given, made: seen.append((given[0], made)))
    with torch.inference_mode():
        TowerOfGrid(tower, prompt.grid)(prompt.pixel_values)
        tower(prompt.pixel_values, prompt.grid)
    assert [tuple(t.dtype for t in pair) for pair in seen] == 2 * [(torch.float32, torch.bfloat16)]


def test_encoders_in_16_bits_are_nearer_to_float32_than_transformers_own(instructions, checkpoint):
    """Of random pixels, on random weights."""
    exact, ours = (
        load_reasoner(checkpoint, device='cpu', dtype=dtype) for dtype in ('float32', 'bfloat16')
    )
    for part in ('image_encoder', 'depth_encoder'):
        model = getattr(exact, part).model
        side = model.config.image_size
        pixels = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))
        narrow = deepcopy(model).bfloat16()
        with torch.inference_mode():
            expected = model(pixel_values=pixels).last_hidden_state
            off = [
                float((each(pixel_values=pixels).last_hidden_state - expected).norm())
                for each in (getattr(ours, part).model, narrow)
            ]
        assert off[0] < 0.7 * off[1], part


def test_encoders_made_wide_again_give_what_float32_gives(own_checkpoint):
    for part in ('clip', 'siglip'):
        file = own_checkpoint / part / 'model.safetensors'
        tensors = {name: tensor.bfloat16() for name, tensor in load_file(file).items()}
        save_file(tensors, file, metadata={'format': 'pt'})
    frame = make_frame()
    narrow, wide = (
        load_reasoner(own_checkpoint, device='cpu', dtype=dtype)
        for dtype in ('bfloat16', 'float32')
    )
    for part in ('image_encoder', 'depth_encoder'):
        encoder = getattr(narrow, part)
        keep_sums_wide(encoder.model.float())
        assert torch.equal(encoder(frame.rgb), getattr(wide, part)(frame.rgb))


def test_what_layers_add_to_is_not_rounded(instructions, own_checkpoint):
    """A token of 256 and layers that add a half: in bfloat16 the sum would still be 256."""
    model = load_vlm(own_checkpoint / 'vlm', SIZE, CPU, torch.bfloat16).model
    text = model.model.language_model
    for layer in text.layers:
        for module in (layer.self_attn.o_proj, layer.mlp.down_proj):
            module.register_forward_hook(lambda _, given, made: torch.full_like(made, 0.5))
    seen = []
    text.norm.register_forward_hook(lambda _, given, made: seen.extend((given[0], made)))
    width = text.config.hidden_size
    cache = NewCache()
    with torch.inference_mode():
        text(
            inputs_embeds=torch.full((1, 3, width), 256.0, dtype=torch.bfloat16),
            position_ids=torch.arange(3).expand(3, 1, 3),
            past_key_values=cache,
            attention_mask={'full_attention': None},
            use_cache=True,
        )
    assert seen[0].unique().tolist() == [256 + len(text.layers)]
    assert seen[1].dtype == torch.float32  # what the head is told
    assert {t.dtype for pair in cache.pairs for t in pair} == {torch.bfloat16}


def test_in_float32_the_models_are_the_librarys(reasoner):
    for model in (reasoner.vlm.model, reasoner.image_encoder.model, reasoner.depth_encoder.model):
        for module in model.modules():
            assert type(module).__module__.startswith(('transformers.', 'torch.'))
            assert not module._forward_hooks
            assert not module._forward_pre_hooks


def test_a_model_that_is_made_wide_again_gives_what_float32_gives(own_checkpoint):
    """The bench makes one of 16 bits wide to run it as it was published."""
    store(own_checkpoint / 'vlm', torch.bfloat16)
    narrow, wide = (
        load_vlm(own_checkpoint / 'vlm', SIZE, CPU, dtype).model
        for dtype in (torch.bfloat16, torch.float32)
    )
    narrow.float()
    keep_sums_wide(narrow)
    ids = torch.arange(5)[None]
    with torch.inference_mode():
        assert torch.equal(narrow(input_ids=ids).logits, wide(input_ids=ids).logits)


def test_a_weight_is_rounded_once_where_an_adapter_is_merged_into_it(own_checkpoint):
    """Not before the merge too: half a step and half a step more are a whole one."""
    expected = load_reasoner(own_checkpoint, device='cpu', dtype='float32').vlm.model
    found = load_reasoner(own_checkpoint, device='cpu', dtype='bfloat16').vlm.model
    layers = (model.model.language_model.layers[0].mlp for model in (expected, found))
    exact, ours = (mlp.down_proj.weight for mlp in layers)
    assert torch.equal(ours, exact.bfloat16())


def test_a_product_is_added_to_all_digits_of_a_weight():
    weight, ones = torch.tensor([[1 + 2**-8]]), torch.ones(1, 1)
    assert add_product(weight, ones, ones, 2**-8, torch.bfloat16).tolist() == [[1 + 2**-7]]
    assert add_product(weight, ones, ones, 2**-8, torch.float32).tolist() == [[1 + 2**-7]]


def test_answers_come_in_every_dtype(checkpoint):
    for dtype in ('bfloat16', 'float16'):
        reasoner = load_reasoner(checkpoint, device='cpu', dtype=dtype)
        assert reasoner.ask(reasoner.encode(make_frame()), 'why?', max_new_tokens=2).tokens
