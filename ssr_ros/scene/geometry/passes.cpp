// SPDX-FileCopyrightText: 2026 The ssr_ros authors
// SPDX-License-Identifier: Apache-2.0

// Passes over the pixels of an image that array operations make many of.
//
// Each computes, bit for bit, what its twin in Python does; who calls it says what. Images are
// contiguous, rows of width numbers; what is unknown is NaN. Nothing is kept between calls.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace
{
constexpr int REACH = 4, WINDOW = 2 * REACH + 1;  // pixels around a jump
constexpr float UNKNOWN_NEAR = 1e3f, UNKNOWN_FAR = 0.0f;

int64_t clipped(int64_t place, int64_t size)
{
  return std::max<int64_t>(0, std::min(place, size - 1));
}

// Steps from a pixel to those before it, which turned round are those after it, and their lengths in
// 1/65536 as OpenCV measures with a mask of 5 x 5.
struct Step
{
  int64_t down, on, length;
};
constexpr int64_t STRAIGHT = 65536, DIAGONAL = 91750, KNIGHT = 143976;
constexpr Step STEPS[8] = {
  {-2, -1, KNIGHT},  {-2, 1, KNIGHT},   {-1, -2, KNIGHT}, {-1, -1, DIAGONAL},
  {-1, 0, STRAIGHT}, {-1, 1, DIAGONAL}, {-1, 2, KNIGHT},  {0, -1, STRAIGHT}};

// Take over what lies at the end of a step where that is nearer; of equals the first.
void approach(int64_t at, int64_t pitch, int64_t turn, int32_t * apart, int32_t * place)
{
  int64_t least = std::numeric_limits<int64_t>::max();
  for (int64_t i = 0; i < 8; ++i) {  // the length and, in its last bits, which step it is
    const int64_t from = at + turn * (STEPS[i].down * pitch + STEPS[i].on);
    least = std::min(least, (apart[from] + STEPS[i].length) << 3 | i);
  }
  if (least >> 3 < apart[at]) {
    const Step & step = STEPS[least & 7];
    const int64_t from = at + turn * (step.down * pitch + step.on);
    apart[at] = static_cast<int32_t>(least >> 3);
    place[at] = apart[from] ? place[from] : static_cast<int32_t>(from);
  }
}

// The least, or the largest, of as many images' numbers as a window is wide.
template<bool LARGEST>
void most_of(const float * const (&images)[WINDOW], int64_t width, float * __restrict out)
{
  for (int64_t x = 0; x < width; ++x) {
    float most = images[0][x];
    for (int i = 1; i < WINDOW; ++i) {
      const float other = images[i][x];
      most = (LARGEST ? other > most : other < most) ? other : most;
    }
    out[x] = most;
  }
}

// The same of each number of a row and its neighbours within REACH.
template<bool LARGEST>
void most_in_row(const float * depth, int64_t width, float unknown, float * padded, float * out)
{
  std::fill(padded, padded + REACH, unknown);
  for (int64_t x = 0; x < width; ++x) {
    padded[x + REACH] = depth[x] == depth[x] ? depth[x] : unknown;
  }
  std::fill(padded + REACH + width, padded + 2 * REACH + width, unknown);
  const float * shifted[WINDOW];
  std::generate(shifted, shifted + WINDOW, [&padded] { return padded++; });
  most_of<LARGEST>(shifted, width, out);
}
}  // namespace

// Find the nearest steady pixel to each of a list, and how far it is: 0 at those that are steady.
// Ways lead over the list, which is in order. Images have a frame of two pixels that are endless.
extern "C" int64_t nearest_steady(
  const int64_t * list, int64_t count, int64_t pitch, int32_t * apart, int32_t * place)
{
  for (int64_t i = 0; i < count; ++i) {
    approach(list[i], pitch, 1, apart, place);
  }
  for (int64_t i = count; i > 0; --i) {
    approach(list[i - 1], pitch, -1, apart, place);
  }
  return count;
}

// Pixels at jumps in depth, and of each the nearest and farthest depth within REACH and within 1;
// returns how many. noise is (constant, linear, quadratic); windows are 4 images of which the
// first numbers are filled. Scratch: near and far of an image each, rows of 20 rows and 8 more.
extern "C" int64_t jumps(
  const float * depth, int64_t height, int64_t width, float least, float most_beyond,
  const float * noise, float * near, float * far, float * rows, int64_t * pixels, float * windows)
{
  const int64_t size = height * width;
  float * lows = rows, * highs = rows + WINDOW * width, * padded = rows + 2 * WINDOW * width;
  for (int64_t y = 0; y < height + REACH; ++y) {
    if (y < height) {
      const int64_t at = y % WINDOW * width;
      most_in_row<false>(depth + y * width, width, UNKNOWN_NEAR, padded, lows + at);
      most_in_row<true>(depth + y * width, width, UNKNOWN_FAR, padded, highs + at);
    }
    const int64_t middle = y - REACH;
    if (middle >= 0) {
      const float * low[WINDOW], * high[WINDOW];
      for (int64_t i = 0; i < WINDOW; ++i) {
        const int64_t at = clipped(middle + i - REACH, height) % WINDOW * width;
        low[i] = lows + at;
        high[i] = highs + at;
      }
      most_of<false>(low, width, near + middle * width);
      most_of<true>(high, width, far + middle * width);
    }
  }
  int64_t count = 0;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const int64_t at = y * width + x;
      const float z = near[at], step = far[at] - z;
      if (!(step > least * z) || depth[at] != depth[at]) {
        continue;
      }
      const float sigma = (noise[2] * z + noise[1]) * z + noise[0];
      if (!(step > least * z + 6 * sigma)) {
        continue;
      }
      float nearest = z, farthest = far[at];  // of a window twice as wide: four of these
      for (const int64_t v : {clipped(y - REACH, height), clipped(y + REACH, height)}) {
        for (const int64_t u : {clipped(x - REACH, width), clipped(x + REACH, width)}) {
          nearest = std::min(nearest, near[v * width + u]);
          farthest = std::max(farthest, far[v * width + u]);
        }
      }
      if (!(1 / nearest - 1 / farthest < most_beyond * (1 / z - 1 / far[at]))) {
        continue;
      }
      float beside = depth[at], beyond = depth[at];
      for (int64_t v = clipped(y - 1, height); v <= clipped(y + 1, height); ++v) {
        for (int64_t u = clipped(x - 1, width); u <= clipped(x + 1, width); ++u) {
          const float other = depth[v * width + u];
          beside = other < beside ? other : beside;
          beyond = other > beyond ? other : beyond;
        }
      }
      pixels[count] = at;
      windows[count] = z;
      windows[size + count] = far[at];
      windows[2 * size + count] = beside;
      windows[3 * size + count] = beyond;
      ++count;
    }
  }
  return count;
}

// Number the connected parts of cells: 1, 2, ... in the order of their first cells, 0 outside.
// Neighbours are joined where links say so: right (height, width - 1), below (height - 1, width).
// Returns how many numbers there are, 0 included. Scratch: parents of an image.
extern "C" int64_t connected(
  const uint8_t * cells, const uint8_t * right, const uint8_t * below, int64_t height,
  int64_t width, int32_t * parents, int32_t * labels)
{
  const auto root = [parents](int32_t label) {
    while (parents[label] != label) {
      label = parents[label] = parents[parents[label]];
    }
    return label;
  };
  int32_t made = 0;
  parents[0] = 0;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const int64_t at = y * width + x;
      if (!cells[at]) {
        labels[at] = 0;
        continue;
      }
      const int32_t before = x && right[at - y - 1] ? labels[at - 1] : 0;
      const int32_t above = y && below[at - width] ? labels[at - width] : 0;
      if (before && above && before != above) {
        const int32_t one = root(before), other = root(above);
        parents[std::max(one, other)] = std::min(one, other);
      }
      labels[at] = above ? above : before;
      if (!labels[at]) {
        labels[at] = ++made;
        parents[made] = made;
      }
    }
  }
  int32_t count = 1;  // a root comes before all that lead to it
  for (int32_t label = 1; label <= made; ++label) {
    parents[label] = parents[label] == label ? count++ : parents[parents[label]];
  }
  for (int64_t at = 0; at < height * width; ++at) {
    labels[at] = parents[labels[at]];
  }
  return count;
}

// Let labels grow over the cells of a list, each to the neighbour that it is nearest to in depth,
// by less than slope times depth and four sigmas; so many rounds. Images have a frame of a cell.
// The list is used up. Scratch: owners as long as it.
extern "C" int64_t grow(
  const float * depth, const float * sigma, int64_t width, float slope, int64_t rounds,
  int64_t * todo, int64_t count, int32_t * owners, int32_t * labels)
{
  for (int64_t round = 0; round < rounds; ++round) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t at = todo[i];
      float nearest = slope * depth[at] + 4 * sigma[at];
      owners[i] = 0;
      for (const int64_t beside : {at + 1, at - 1, at + width, at - width}) {
        const float apart = std::abs(depth[beside] - depth[at]);
        if (labels[beside] > 0 && apart < nearest) {
          nearest = apart;
          owners[i] = labels[beside];
        }
      }
    }
    int64_t left = 0;
    for (int64_t i = 0; i < count; ++i) {
      labels[todo[i]] = owners[i];
      if (!owners[i]) {
        todo[left++] = todo[i];
      }
    }
    if (left == count) {
      break;
    }
    count = left;
  }
  return count;
}

// Add the number of cells of every label to areas, run by run; returns 0, or 1 where a label has no
// place there.
extern "C" int64_t add_areas(
  const int32_t * labels, int64_t count, int64_t * areas, int64_t places)
{
  int64_t start = 0;
  for (int64_t at = 1; at <= count; ++at) {
    if (at == count || labels[at] != labels[start]) {
      if (labels[start] < 0 || labels[start] >= places) {
        return 1;
      }
      areas[labels[start]] += at - start;
      start = at;
    }
  }
  return 0;
}

// Average, per cell of stride x stride pixels, the readings that lie on the nearest surface: by no
// more than a share, and four sigmas, behind the nearest one. noise as above; cells is an image of
// as many rows and columns as hold a pixel.
extern "C" int64_t pool(
  const float * depth, int64_t height, int64_t width, int64_t stride, float share,
  const float * noise, float * cells)
{
  for (int64_t top = 0; top < height; top += stride) {
    for (int64_t left = 0; left < width; left += stride) {
      const int64_t bottom = std::min(height, top + stride), right = std::min(width, left + stride);
      float nearest = std::numeric_limits<float>::infinity();
      for (int64_t y = top; y < bottom; ++y) {
        for (int64_t x = left; x < right; ++x) {
          nearest = std::min(nearest, depth[y * width + x]);
        }
      }
      const float sigma = (noise[2] * nearest + noise[1]) * nearest + noise[0];
      const float limit = nearest * share + 4 * sigma;
      float total = 0, count = 0;
      for (int64_t y = top; y < bottom; ++y) {
        for (int64_t x = left; x < right; ++x) {
          const bool near = depth[y * width + x] <= limit;
          total += near ? depth[y * width + x] : 0;
          count += near;
        }
      }
      *cells++ = total / count;
    }
  }
  return height * width;
}
