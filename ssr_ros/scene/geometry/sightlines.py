# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What each ray of the camera says of the space over a level surface: seen free, taken, or dark.

A pixel with depth has seen its ray empty up to the reading and says nothing of what lies behind.
A pixel without depth says nothing at all: whatever is along its ray, between the surface and the
height of what is to move there, may be hidden. How near, is bounded by what things do: they stand
on the surface inside of the unknown patch, or hang together with something that is seen at its
rim; and from there they reach towards the camera by half of what the patch is wide, as a table on
one foot does, at most by MOST_OVERHANG_M, and so far where the image cuts the patch off. Where it
is cut off at the left or right, what it hides may stand beside the view, too, and reach into it by
as much. What stands below the image's lower edge is in the stretch that no pixel sees.

Everything here is monotonous in the readings: where a reading becomes unknown, no ray is darkened
later than before. That is what the answers about free space stand on.
"""

from __future__ import annotations

from dataclasses import dataclass
import enum

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene.geometry.grid import BoolImage, box_of, FloatImage, usable
from ssr_ros.scene.geometry.noise import NOISE_MODELS, NoiseModel
from ssr_ros.scene.geometry.objects import ScenePlane
from ssr_ros.scene.geometry.planes import FloatArray

FINEST_PX = 640
"""Wider images are read at every second, third ... pixel."""

SPECK_PX = 3
"""What is smaller than this in both directions neither stands in the way nor hides anything."""

_SPECK = np.ones((SPECK_PX, SPECK_PX), np.uint8)

LINE_PX = 24
"""What is thinner than a speck, but so long, hides something too: a glass top seen edge-on."""

UNEVEN_M, UNEVEN_OF_EYE, UNEVEN_OF_DEPTH = 0.01, 0.02, 0.005
"""Heights up to the sum of these still are the surface: ripples, and its fitted tilt."""

MOST_OVERHANG_M = 0.6
"""As far as tables reach out over their feet."""

MARGIN, RAGGED = 0.1, 0.015
"""Shares of the image's sides: up to the first of them nothing may ever be measured along a side
(depth that was registered to colour leaves such margins), and the edge of that is ragged."""

NOISE_SIGMAS = 2.0
"""Of single pixels; a thing takes a speck's worth of them that agree."""

RIM_PX = 5


class Why(enum.IntEnum):
    """What a pixel says of the surface that it should see."""

    SEEN = 0
    NO_DEPTH = 1
    HIDDEN = 2
    LOWER = 3


@dataclass(frozen=True, eq=False)
class Sightlines:
    """The rays of one image over one level surface; lengths are horizontal, from the camera.

    Attributes:
        camera: the camera whose pixels these are.
        axes: (3, 3) float64: rows right, forward (both along the surface) and up.
        eye_m: height of the camera over the surface.
        box_px: (x0, y0, x1, y1), half-open: the view, without margins that measure nothing.
        bearing: (h, w) float32 radians, right positive.
        fan: (h, w) float32 radians: how wide a pixel is, seen from above.
        thing_m: (h, w) where the reading of something in the way lies, inf for none.
        dark_m: (h, w) from where on nothing is known, at most ``thing_m``; inf for nowhere.
        dark_to_m: (h, w) where the ray leaves the space in question.
        reach_m, reach_to_m: (h, w) between these lengths there may be what reaches into the view
            from beside it; inf and anything for nowhere.
        why: (h, w) uint8: a Why.
        near_m: (h, w) least length at which a pixel without depth hides something; inf for others.
    """

    camera: CameraIntrinsics
    axes: FloatArray
    eye_m: float
    box_px: tuple[int, int, int, int]
    bearing: FloatImage
    fan: FloatImage
    thing_m: FloatImage
    dark_m: FloatImage
    dark_to_m: FloatImage
    reach_m: FloatImage
    reach_to_m: FloatImage
    why: NDArray[np.uint8]
    near_m: FloatImage


def plane_axes(normal: FloatArray) -> FloatArray:
    """(3, 3) rows right, forward and up of a level plane, in the camera frame."""
    ahead = np.array([0.0, 0.0, 1.0]) - normal[2] * normal
    if np.linalg.norm(ahead) < 1e-3:  # looking straight down: the image's top is forward
        ahead = np.array([0.0, -1.0, 0.0]) + normal[1] * normal
    ahead /= np.linalg.norm(ahead)
    return np.stack([np.cross(ahead, normal), ahead, normal])


def look(
    frame: RgbdFrame, noise: NoiseModel, plane: ScenePlane, height_m: float | None = None
) -> Sightlines:
    """Read an image as rays over a level plane.

    Args:
        frame: the frame.
        noise: its noise model.
        plane: what is driven or stood on.
        height_m: how high above it the space matters; None for as high as the camera.
    """
    stride = max(1, round(frame.width / FINEST_PX))
    depth = usable(frame.depth_m)[::stride, ::stride]
    k = frame.intrinsics
    camera = CameraIntrinsics(k.fx / stride, k.fy / stride, k.cx / stride, k.cy / stride)
    known = np.isfinite(depth)
    box = _view(known)
    axes, eye = plane_axes(plane.normal), plane.offset_m
    rays = camera.back_project(np.ones_like(depth)) @ axes.T.astype(np.float32)
    flat = np.maximum(np.hypot(rays[..., 0], rays[..., 1]), np.float32(1e-6))
    band = _Band(rays[..., 2], flat, eye, eye if height_m is None else height_m)
    height = np.float32(eye) + depth * rays[..., 2]
    margin = UNEVEN_M + UNEVEN_OF_EYE * eye + UNEVEN_OF_DEPTH * depth
    # Not scaled to the frame: what is known elsewhere must not make a low thing part of the floor.
    usual = NOISE_MODELS.get(noise.name, noise)
    margin += NOISE_SIGMAS * usual.sigma_m(depth) * np.abs(rays[..., 2])
    with np.errstate(invalid='ignore'):
        standing, lower = height > margin, height < -2 * margin
        inside = standing & (height < band.top_m)
    at_m = depth * flat
    thing = np.where(inside, at_m, np.float32(np.inf))
    near, aside = _near(known, standing, at_m, band.hit_m, box, camera)
    reach_to = np.minimum(band.leave_m, _reach(aside, rays, flat, axes, eye, box, camera))
    reach = np.where(band.enter_m < reach_to, band.enter_m, np.float32(np.inf))
    _keep_inside(reach, box)
    dark = np.full_like(flat, np.inf)
    np.copyto(dark, np.maximum(band.enter_m, near), where=~known)
    np.copyto(dark, np.maximum(band.enter_m, at_m), where=standing)
    dark[dark >= band.leave_m] = np.inf
    _keep_inside(dark, box)
    lines = np.where(_lines(~known), dark, np.float32(np.inf))
    # The ray leaves the space there, but to no floor: it is dark at its very end.
    drop = np.where(_patches(~lower) > 0, band.hit_m, np.float32(np.inf))
    _keep_inside(drop, box)
    why = np.select([~known, standing, lower], [Why.NO_DEPTH, Why.HIDDEN, Why.LOWER], Why.SEEN)
    posts = np.where(_lines(inside), thing, np.float32(np.inf))
    thing = np.minimum(_without_specks(thing), posts)
    return Sightlines(
        camera=camera,
        axes=axes,
        eye_m=eye,
        box_px=box,
        bearing=np.arctan2(rays[..., 0], rays[..., 1]),
        fan=(1 / min(camera.fx, camera.fy) / flat).astype(np.float32),
        thing_m=thing,
        dark_m=np.minimum.reduce([_without_specks(np.minimum(dark, thing)), lines, thing, drop]),
        dark_to_m=band.leave_m,
        reach_m=reach,
        reach_to_m=reach_to,
        why=why.astype(np.uint8),
        near_m=np.minimum(reach, _without_specks(np.where(known, np.float32(np.inf), near))),
    )


class _Band:
    """Where each ray is between the surface and the top of what is to move, horizontally."""

    def __init__(self, rise: FloatImage, flat: FloatImage, eye_m: float, top_m: float) -> None:
        self.top_m = top_m
        over = np.float32(top_m - eye_m)
        with np.errstate(divide='ignore', invalid='ignore'):
            down = rise < 0
            self.hit_m = np.where(down, -np.float32(eye_m) / rise * flat, np.float32(np.inf))
            at_top = over / rise * flat
        never = np.float32(np.inf)
        if over < 0:
            self.enter_m = np.where(down, at_top, never)
            self.leave_m = np.where(down, self.hit_m, np.float32(0))
        else:
            self.enter_m = np.zeros_like(flat)
            rising = np.where(rise > 0, at_top, never if over > 0 else np.float32(0))
            self.leave_m = np.where(down, self.hit_m, rising)


def _near(
    known: BoolImage,
    standing: BoolImage,
    at_m: FloatImage,
    hit_m: FloatImage,
    box_px: tuple[int, int, int, int],
    camera: CameraIntrinsics,
) -> tuple[FloatImage, BoolImage]:
    """The least length at which each pixel without depth may hide something that stands in view.

    Returns:
        (h, w) lengths, and (2, h, w) whether what it hides may go on beyond the left, right side.
    """
    patches = _patches(known)
    patches[box_px[3] :] = 0
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(patches, connectivity=8)
    nearest, aside = np.zeros(count, np.float32), np.zeros((2, count), np.bool_)
    ring = np.ones((RIM_PX, RIM_PX), np.uint8)
    for patch, (x, y, width, height, _) in enumerate(boxes[1:], 1):
        around = np.s_[
            max(y - RIM_PX, 0) : y + height + RIM_PX, max(x - RIM_PX, 0) : x + width + RIM_PX
        ]
        inside = labels[around] == patch
        rim = cv2.dilate(inside.astype(np.uint8), ring).astype(np.bool_) & standing[around]
        bound = float(hit_m[around][inside].min())
        if rim.any():
            bound = min(bound, float(at_m[around][rim].min()))
        half = max(width / camera.fx, height / camera.fy) / 2
        aside[:, patch] = x <= box_px[0], x + width >= box_px[2]
        cut = aside[:, patch].any() or y <= box_px[1]
        nearest[patch] = max(0 if cut else bound / (1 + half), bound - MOST_OVERHANG_M)
    return np.asarray(nearest[labels], np.float32), aside[:, labels]


def _reach(
    aside: BoolImage,
    rays: FloatImage,
    flat: FloatImage,
    axes: FloatArray,
    eye_m: float,
    box_px: tuple[int, int, int, int],
    camera: CameraIntrinsics,
) -> FloatImage:
    """How far along each ray there may be what stands beside the view and reaches into it.

    That is at most MOST_OVERHANG_M over the floor inside of where the view's side meets it.
    """
    farthest = np.zeros_like(flat)
    for cut, column, sign in zip(aside, (box_px[0], box_px[2]), (1, -1), strict=True):
        across, ahead, up = sign * (axes[:, 0] - (column - camera.cx) / camera.fx * axes[:, 2])
        length = np.hypot(across, ahead)
        inwards = (rays[..., 0] * across + rays[..., 1] * ahead) / (length * flat)
        free_m = max(MOST_OVERHANG_M + eye_m * up / length, 0.0)
        with np.errstate(divide='ignore'):
            reach = np.where(inwards > 0, free_m / inwards, np.inf)
        farthest = np.where(cut, np.maximum(farthest, reach), farthest)
    return farthest.astype(np.float32)


def _view(known: BoolImage) -> tuple[int, int, int, int]:
    """The part of the image that measures anything at all (x0, y0, x1, y1), half-open."""
    if not known.any():
        return 0, 0, 0, 0
    (height, width), box = known.shape, box_of(known)
    side, end, ragged = int(MARGIN * width), int(MARGIN * height), int(RAGGED * width)
    return (
        min(box[0], side) + ragged,
        min(box[1], end) + ragged,
        max(box[2], width - side) - ragged,
        max(box[3], height - end) - ragged,
    )


def _keep_inside(dark_m: FloatImage, box_px: tuple[int, int, int, int]) -> None:
    """Let the pixels outside of a box hide nothing."""
    x0, y0, x1, y1 = box_px
    dark_m[:y0] = dark_m[y1:] = np.inf
    dark_m[:, :x0] = dark_m[:, x1:] = np.inf


def hidden_anywhere(known: BoolImage) -> bool:
    """Whether an (H, W) image has pixels without depth that are more than specks."""
    return bool(_patches(known).any())


def _patches(known: BoolImage) -> NDArray[np.uint8]:
    """1 where there is no depth, specks left out."""
    unknown = (~known).astype(np.uint8)
    opened = cv2.morphologyEx(unknown, cv2.MORPH_OPEN, _SPECK)
    return np.asarray(opened | _lines(~known), np.uint8)


def _lines(mask: BoolImage) -> BoolImage:
    """What of a mask is thin as a speck, but long: a bar, a post, a glass top seen edge-on."""
    image = mask.astype(np.uint8)
    thin = image - cv2.morphologyEx(image, cv2.MORPH_OPEN, _SPECK)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(thin, connectivity=8)
    long = boxes[:, 2:4].max(axis=1) >= LINE_PX
    long[0] = False
    return np.asarray(long[labels], np.bool_)


def _without_specks(length_m: FloatImage) -> FloatImage:
    """Raise what is nearer than all around it for less than a speck's size."""
    edges = cv2.copyMakeBorder(length_m, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.morphologyEx(edges, cv2.MORPH_CLOSE, _SPECK)[1:-1, 1:-1], np.float32)
