# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Beside 16 bits the sums of the language model, its norms and what decides stay in float32."""

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
    assert len(found) == (2 * len(layers) + 2 if wide else 0)


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


def test_what_layers_add_to_is_not_rounded(own_checkpoint):
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


def test_in_float32_the_model_is_the_librarys(checkpoint):
    model = load_vlm(checkpoint / 'vlm', SIZE, CPU, torch.float32).model
    assert not any(isinstance(module, Norm) for module in model.modules())


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
