# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a robot should act on: things named by somebody who sees, and measured; no model of ours.

The names and boxes are the renderer's, as a perfect detector would give them: what is left wrong
is what measuring gets wrong, cannot tell, or is not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.ssr_rows import TestFrame
from benchmarks.ssr_systems import Asked, Result
from ssr_ros.errors import ConfigError
from ssr_ros.evaluation.table import Question
from ssr_ros.scene import measure, MeasuredAnswer, SceneFacts
from ssr_ros.scene.grounded import Grounded
from training.curation.scene import scene_from_truth
from training.worlds.store import load_view


def ask_grounded(
    questions: Sequence[Question],
    frames: Sequence[TestFrame],
    progress: Callable[[str], None],
) -> Result:
    """Answer every question from names and measurements.

    Raises:
        ConfigError: the frames are not those of a folder of worlds: nobody names the things.
        FrameError: a frame cannot be read.
    """
    answers: dict[int, Asked] = {}
    for number, test in enumerate(frames):
        progress(f'grounded: {number}/{len(frames)} frames')
        facts = named_facts(test)
        for n in test.asked:
            answers[n] = Asked(short(facts.answer(questions[n].text), questions[n]))
    return Result([answers[n] for n in range(len(questions))], None)


def named_facts(test: TestFrame) -> SceneFacts:
    """Measure a frame, and call things what the renderer calls them.

    Raises:
        ConfigError: there is no truth beside the frame.
        FrameError: the frame cannot be read.
    """
    path = test.image_path
    root = next((up for up in path.parents if (up / 'truth').is_dir()), None)
    if root is None:
        raise ConfigError('no truth beside the pictures: nobody names the things')
    view = load_view(root, path.relative_to(root / 'rgb').with_suffix('').as_posix())
    sides = 2 * (view.frame.width, view.frame.height)
    regions = []
    for thing in scene_from_truth(view.truth, view.frame, {}).things:
        x0, y0, x1, y1 = (share * side for share, side in zip(thing.box, sides, strict=True))
        regions.append(Grounded(thing.name, (x0, y0, x1, y1), source='the renderer'))
    return measure(view.frame, noise=test.noise).named(regions)


def short(found: MeasuredAnswer, question: Question) -> str:
    """Put a measured answer into the words of a short one; '' where measuring does not tell."""
    if not found.answered:
        # Looked for by somebody who sees everything, and not there.
        return 'No.' if question.meta['family'] == 'exists' else ''
    if found.kind == 'yes_no' and found.value is not None:
        return 'Yes.' if found.value else 'No.'
    if found.kind == 'number' and found.value is not None:
        return f'{found.value:.4f} {found.unit}'
    if question.meta['family'] == 'order':
        asked = set(question.meta['subjects'])
        return ', '.join(name for name in found.subjects if name in asked)
    return found.choice.removesuffix(' of')  # 'left of' that thing: left
