// SPDX-FileCopyrightText: 2026 The ssr_ros authors
// SPDX-License-Identifier: Apache-2.0

// One token through a matrix of bfloat16, in float32: out[r] = sum over c of weight[r, c] * x[c].
//
// bfloat16 is the upper half of a float32, so widening is a shift. Arrays are contiguous: weight
// (rows, columns), x (columns), out (rows). Calls for different rows may run at the same time.

#include <cstdint>
#include <cstring>

namespace
{
constexpr int TOGETHER = 4;  // rows that share what is read of x

float widened(uint16_t upper)
{
  const uint32_t bits = static_cast<uint32_t>(upper) << 16;
  float number;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

template<int ROWS>
void product(const uint16_t * weight, const float * x, float * out, int64_t columns)
{
  float sums[ROWS] = {};
#pragma omp simd reduction(+ : sums)
  for (int64_t c = 0; c < columns; ++c) {
    for (int r = 0; r < ROWS; ++r) {
      sums[r] += widened(weight[r * columns + c]) * x[c];
    }
  }
  std::memcpy(out, sums, sizeof sums);
}
}  // namespace

extern "C" void product_rows(
  const uint16_t * weight, const float * x, float * out, int64_t columns, int64_t first,
  int64_t end)
{
  int64_t row = first;
  for (; row + TOGETHER <= end; row += TOGETHER) {
    product<TOGETHER>(weight + row * columns, x, out + row, columns);
  }
  for (; row < end; ++row) {
    product<1>(weight + row * columns, x, out + row, columns);
  }
}
