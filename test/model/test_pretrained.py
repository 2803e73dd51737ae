# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Weights are read in one pass over the files, and are what transformers' own loading gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file
import torch
from transformers import (
    CLIPVisionModel,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Config,
    Qwen2ForCausalLM,
    SiglipVisionModel,
)

from ssr_ros.errors import TensorMismatchError
from ssr_ros.model.encoders import load_image_encoder
from ssr_ros.model.lora import merge_adapter, now_called
from ssr_ros.model.pretrained import load_pretrained, room_for
from ssr_ros.model.vlm import load_vlm

CPU = torch.device('cpu')
VLM = Qwen2_5_VLForConditionalGeneration


def not_by_the_library(monkeypatch, kind: type) -> None:
    monkeypatch.setattr(kind, 'from_pretrained', lambda *_, **__: pytest.fail('the library loads'))


def assert_same(found: torch.nn.Module, expected: torch.nn.Module) -> None:
    for pair in ('named_parameters', 'named_buffers'):
        theirs = dict(getattr(expected, pair)())
        ours = dict(getattr(found, pair)())
        assert ours.keys() == theirs.keys()
        for name, tensor in ours.items():
            assert tensor.dtype == theirs[name].dtype, name
            assert torch.equal(tensor, theirs[name]), name


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize(
    ('kind', 'part'), [(CLIPVisionModel, 'clip'), (SiglipVisionModel, 'siglip'), (VLM, 'vlm')]
)
def test_every_tensor_is_the_librarys(checkpoint, monkeypatch, kind, part, dtype):
    theirs = kind.from_pretrained(checkpoint / part, dtype=dtype)
    not_by_the_library(monkeypatch, kind)
    ours = load_pretrained(kind, checkpoint / part, CPU, dtype, now_called=now_called)
    assert_same(ours, theirs)
    assert not ours.training
    assert not any(p.requires_grad for p in ours.parameters())
    assert ours.dtype == dtype == ours.config.dtype
    if part == 'vlm':
        assert ours.generation_config.to_dict() == theirs.generation_config.to_dict()
        assert ours.config._attn_implementation == theirs.config._attn_implementation


def rename(file: Path, new_name) -> None:
    tensors = {new_name(name): tensor for name, tensor in load_file(file).items()}
    save_file(tensors, file, metadata={'format': 'pt'})


@pytest.mark.parametrize('older', [False, True])
def test_names_of_both_releases_of_the_library_are_read(own_checkpoint, monkeypatch, older):
    """Released checkpoints have those of transformers 4, what it saves today those of 5."""
    file = own_checkpoint / 'vlm/model.safetensors'
    expected = load_file(file)['model.norm.weight']
    assert 'visual.patch_embed.proj.weight' in load_file(file)
    if not older:
        rename(file, now_called)
        assert 'model.visual.patch_embed.proj.weight' in load_file(file)
    not_by_the_library(monkeypatch, VLM)
    vlm = load_vlm(own_checkpoint / 'vlm', (56, 56), CPU, torch.float32)
    assert torch.equal(vlm.model.model.language_model.norm.weight, expected)


def test_the_image_half_of_a_whole_clip_is_read(own_checkpoint, monkeypatch):
    """Hubs have CLIP whole: its image encoder is called so, and its text encoder is left."""
    file = own_checkpoint / 'clip/model.safetensors'
    expected = load_file(file)['post_layernorm.weight']
    rename(file, 'vision_model.{}'.format)
    more = {'text_model.final_layer_norm.weight': torch.ones(3), 'logit_scale': torch.ones(1)}
    save_file(load_file(file) | more, file, metadata={'format': 'pt'})
    not_by_the_library(monkeypatch, CLIPVisionModel)
    encoder = load_image_encoder(own_checkpoint / 'clip', CPU, torch.float32)
    assert torch.equal(encoder.model.post_layernorm.weight, expected)


def small_qwen(folder: Path) -> Qwen2ForCausalLM:
    config = Qwen2Config(
        vocab_size=40,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        tie_word_embeddings=True,
    )
    model = Qwen2ForCausalLM(config)
    model.save_pretrained(folder)
    return model


def test_a_tied_head_is_the_embeddings(tmp_path, monkeypatch):
    made = small_qwen(tmp_path)
    not_by_the_library(monkeypatch, Qwen2ForCausalLM)
    model = load_pretrained(Qwen2ForCausalLM, tmp_path, CPU, torch.float32)
    assert model.lm_head.weight is model.model.embed_tokens.weight
    assert torch.equal(model.lm_head.weight, made.lm_head.weight)


def test_what_does_not_fit_one_to_one_is_left_to_the_library(tmp_path):
    """A head that is stored although it is tied: the library knows what to make of it."""
    made = small_qwen(tmp_path)
    file = tmp_path / 'model.safetensors'
    head = made.lm_head.weight.detach().clone()
    save_file(load_file(file) | {'lm_head.weight': head}, file, metadata={'format': 'pt'})
    model = load_pretrained(Qwen2ForCausalLM, tmp_path, CPU, torch.float32)
    assert_same(model, Qwen2ForCausalLM.from_pretrained(tmp_path, dtype=torch.float32))
    save_file(load_file(file) | {'another': head}, file, metadata={'format': 'pt'})
    with pytest.raises(TensorMismatchError, match='another'):
        load_pretrained(Qwen2ForCausalLM, tmp_path, CPU, torch.float32)


def test_what_is_stored_in_the_dtype_stays_in_its_file(checkpoint):
    """So a merged 7B takes no memory of its own: its tensors lie in it as they lie in the file."""
    file = checkpoint / 'clip/model.safetensors'
    length = int.from_bytes(file.read_bytes()[:8], 'little')
    header = json.loads(file.read_bytes()[8 : 8 + length])

    def starts(dtype: torch.dtype) -> set[int]:
        model = load_pretrained(CLIPVisionModel, checkpoint / 'clip', CPU, dtype)
        parameters = model.named_parameters()
        return {p.data_ptr() - header[name]['data_offsets'][0] for name, p in parameters}

    assert len(starts(torch.float32)) == 1
    assert len(starts(torch.bfloat16)) > 1


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16], ids=str)
def test_an_adapter_is_merged_as_the_weights_are_read(checkpoint, dtype):
    """And the file that they are read from is not written to."""
    before = (checkpoint / 'vlm/model.safetensors').read_bytes()
    expected = VLM.from_pretrained(checkpoint / 'vlm', dtype=torch.float32)
    merge_adapter(expected, checkpoint / 'ssr_vlm')  # and rounded then, once
    vlm = load_vlm(checkpoint / 'vlm', (56, 56), CPU, dtype, checkpoint / 'ssr_vlm')
    found = dict(vlm.model.named_parameters())
    for name, parameter in expected.named_parameters():
        wide = any(few in name for few in ('lm_head', 'norm', 'ln_q', 'patch_embed'))
        assert found[name].dtype == (torch.float32 if wide else dtype)
        assert torch.equal(found[name], parameter.to(found[name].dtype)), name
    assert (checkpoint / 'vlm/model.safetensors').read_bytes() == before


@pytest.mark.parametrize('rows', [3, 3000])
def test_room_for_a_large_tensor_can_be_written_and_read(rows):
    """8 MB and more lie in pages of their own."""
    like = torch.zeros(rows, 4096)
    room = room_for(like, torch.bfloat16)
    assert (room.shape, room.dtype, room.is_contiguous()) == (like.shape, torch.bfloat16, True)
    room.copy_(torch.arange(rows)[:, None].expand(rows, 4096) % 8)
    assert room.sum(0).unique().numel() == 1
    assert room[2].unique().tolist() == [2]
