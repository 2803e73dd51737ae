// SPDX-FileCopyrightText: 2026 The ssr_ros authors
// SPDX-License-Identifier: Apache-2.0

// Mamba's scan and its gradient; what gradients.py computes with torch, and its names.
//
// Compiled for one state size (Mamba's is 16: two registers of AVX2). A channel runs through time
// with its state in registers; only the states between chunks are kept for the way back, if there
// is one. Calls for different channels may run at the same time.
// Arrays are contiguous float32: u, dt, y (B, T, D); b, c (B, T, N); a (D, N); h (B, D, N);
// kept (B, chunks, D, N).

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace
{
constexpr int N = SCAN_STATE;
constexpr int64_t CHUNK = 32;

struct Sizes
{
  int64_t batch, time, channels;
  int64_t chunks() const {return (time + CHUNK - 1) / CHUNK;}
};

void forward(
  const Sizes & size, const float * u, const float * dt, const float * a, const float * b,
  const float * c, float * h, float * y, float * kept, int64_t first, int64_t end)
{
  const int64_t T = size.time, D = size.channels;
  for (int64_t i = 0; i < size.batch; ++i) {
    for (int64_t d = first; d < end; ++d) {
      float state[N], decay[N];
      float * last = h + (i * D + d) * N;
      std::copy_n(last, N, state);
      for (int64_t t = 0; t < T; ++t) {
        if (kept && t % CHUNK == 0) {
          std::copy_n(state, N, kept + ((i * size.chunks() + t / CHUNK) * D + d) * N);
        }
        const float step = dt[(i * T + t) * D + d], drive = step * u[(i * T + t) * D + d];
        const float * in = b + (i * T + t) * N, * out = c + (i * T + t) * N;
        float sum = 0;
#pragma omp simd
        for (int n = 0; n < N; ++n) {
          decay[n] = std::exp(step * a[d * N + n]);
        }
#pragma omp simd reduction(+ : sum)
        for (int n = 0; n < N; ++n) {
          state[n] = decay[n] * state[n] + drive * in[n];
          sum += state[n] * out[n];
        }
        y[(i * T + t) * D + d] = sum;
      }
      std::copy_n(state, N, last);
    }
  }
}

// The gradients of b, c and a are added to what stands there; flow comes in as the gradient of the
// last state and goes out as that of the first.
void backward(
  const Sizes & size, const float * u, const float * dt, const float * a, const float * b,
  const float * c, const float * kept, const float * grad_y, float * flow_io, float * grad_u,
  float * grad_dt, float * grad_a, float * grad_b, float * grad_c)
{
  const int64_t T = size.time, D = size.channels;
  float decay[CHUNK][N], states[CHUNK + 1][N];
  for (int64_t i = 0; i < size.batch; ++i) {
    for (int64_t d = 0; d < D; ++d) {
      const float * rate = a + d * N;
      float flow[N], grad_rate[N] = {};
      float * ends = flow_io + (i * D + d) * N;
      std::copy_n(ends, N, flow);
      for (int64_t chunk = size.chunks() - 1; chunk >= 0; --chunk) {
        const int64_t start = chunk * CHUNK, length = std::min(CHUNK, T - start);
        std::copy_n(kept + ((i * size.chunks() + chunk) * D + d) * N, N, states[0]);
        for (int64_t k = 0; k < length; ++k) {
          const int64_t at = (i * T + start + k) * D + d;
          const float step = dt[at], drive = step * u[at];
          const float * in = b + (i * T + start + k) * N;
#pragma omp simd
          for (int n = 0; n < N; ++n) {
            decay[k][n] = std::exp(step * rate[n]);
          }
#pragma omp simd
          for (int n = 0; n < N; ++n) {
            states[k + 1][n] = decay[k][n] * states[k][n] + drive * in[n];
          }
        }
        for (int64_t k = length - 1; k >= 0; --k) {
          const int64_t row = i * T + start + k, at = row * D + d;
          const float step = dt[at], drive = step * u[at], gy = grad_y[at];
          float through = 0, slowing = 0;
#pragma omp simd reduction(+ : through, slowing)
          for (int n = 0; n < N; ++n) {
            const float g = flow[n] + gy * c[row * N + n];
            grad_c[row * N + n] += gy * states[k + 1][n];
            grad_b[row * N + n] += g * drive;
            through += g * b[row * N + n];
            flow[n] = g * decay[k][n];
            const float of_step = flow[n] * states[k][n];
            slowing += of_step * rate[n];
            grad_rate[n] += of_step * step;
          }
          grad_u[at] = through * step;
          grad_dt[at] = through * u[at] + slowing;
        }
      }
      std::copy_n(flow, N, ends);
      for (int n = 0; n < N; ++n) {
        grad_a[d * N + n] += grad_rate[n];
      }
    }
  }
}
}  // namespace

extern "C" {
int64_t scan_chunks(int64_t time) {return Sizes{0, time, 0}.chunks();}

void scan_forward(
  int64_t batch, int64_t time, int64_t channels, const float * u, const float * dt,
  const float * a, const float * b, const float * c, float * h, float * y, float * kept,
  int64_t first, int64_t end)
{
  forward({batch, time, channels}, u, dt, a, b, c, h, y, kept, first, end);
}

void scan_backward(
  int64_t batch, int64_t time, int64_t channels, const float * u, const float * dt,
  const float * a, const float * b, const float * c, const float * kept, const float * grad_y,
  float * flow, float * grad_u, float * grad_dt, float * grad_a, float * grad_b, float * grad_c)
{
  backward(
    {batch, time, channels}, u, dt, a, b, c, kept, grad_y, flow, grad_u, grad_dt, grad_a, grad_b,
    grad_c);
}
}
