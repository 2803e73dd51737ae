# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A server of another machine is asked politely, and whatever it does, the robot goes on."""

from __future__ import annotations

import base64
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
import threading

import cv2
import numpy as np
import pytest

from ssr_ros.errors import ConfigError, GroundingError
from ssr_ros.grounding.server import fit_pixels, ServerGrounder, ServerSettings
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

BOX = [{'bbox_2d': [56, 42, 280, 210], 'label': 'mug'}]


def completion(text):
    return json.dumps({'choices': [{'message': {'content': text}}]}).encode()


@contextmanager
def server(*replies):
    """A local server that gives (status, body) one after the other, and keeps what it was sent."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers['Content-Length']))
            asked.append((self.path, dict(self.headers), json.loads(body)))
            status, data = replies[min(len(asked), len(replies)) - 1]
            self.send_response(status)
            if status in (301, 307):
                self.send_header('Location', 'http://127.0.0.1:1/elsewhere')
            self.send_header('Content-Length', str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f'http://127.0.0.1:{http.server_port}/v1', asked
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.fixture
def frame():
    rgb = np.random.default_rng(0).integers(0, 255, (420, 560, 3), np.uint8)
    return RgbdFrame(rgb, np.ones((420, 560), np.float32), CameraIntrinsics(500, 500, 280, 210))


def grounder(url, **settings):
    return ServerGrounder(ServerSettings(url, 'qwen', **settings))


def test_image_and_names_are_sent_once_and_boxes_come_back(frame, monkeypatch):
    monkeypatch.setenv('SSR_GROUNDING_KEY', 'secret')
    with server((200, completion(json.dumps(BOX)))) as (url, asked):
        asks = grounder(url)
        regions = asks.locate(frame, ['mug', 'fork'])
    assert [(r.phrase, r.box_px, r.source) for r in regions] == [
        ('mug', (56.0, 42.0, 280.0, 210.0), 'server'),
        ('fork', None, 'server'),
    ]
    assert asks.calls == len(asked) == 1
    assert asks.counts.used == 1
    path, headers, body = asked[0]
    assert path == '/v1/chat/completions'
    assert headers['Authorization'] == 'Bearer secret'
    assert body['model'] == 'qwen'
    image, text = body['messages'][0]['content']
    sent = base64.b64decode(image['image_url']['url'].partition('base64,')[2])
    decoded = cv2.imdecode(np.frombuffer(sent, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert np.array_equal(decoded, frame.rgb)
    assert 'mug, fork' in text['text']


def test_without_a_key_none_is_sent(frame, monkeypatch):
    monkeypatch.delenv('SSR_GROUNDING_KEY', raising=False)
    with server((200, completion('[]'))) as (url, asked):
        grounder(url).locate(frame, ['mug'])
    assert 'Authorization' not in asked[0][1]


def test_a_large_image_is_sent_smaller_and_boxes_are_those_of_the_frame(frame):
    with server((200, completion('[{"bbox_2d": [28, 28, 56, 56], "label": "mug"}]'))) as (url, _):
        regions = grounder(url, most_pixels=28 * 28 * 12).locate(frame, ['mug'])
    # 560x420 becomes 112x84
    assert regions[0].box_px == (140.0, 140.0, 280.0, 280.0)


@pytest.mark.parametrize('size', [(640, 480), (1280, 720), (3000, 2000), (30, 1000), (20, 20)])
def test_images_sent_are_whole_squares_of_28_pixels(size):
    sent = fit_pixels(np.zeros((size[1], size[0], 3), np.uint8), 1_000_000)
    assert sent.shape[0] % 28 == sent.shape[1] % 28 == 0
    assert sent.shape[0] * sent.shape[1] <= 1_000_000


def test_a_busy_server_is_asked_again(frame):
    with server((503, b'busy'), (200, completion(json.dumps(BOX)))) as (url, asked):
        assert grounder(url, retries=1).locate(frame, ['mug'])[0].found
    assert len(asked) == 2


@pytest.mark.parametrize(
    ('reply', 'said', 'tries'),
    [
        ((503, b'busy'), 'no answer in 2 tries: HTTP 503 busy', 2),
        ((429, b'slow down'), 'no answer in 2 tries: HTTP 429', 2),
        ((401, b'no key'), 'refused: HTTP 401 no key', 1),
        ((404, b''), 'refused: HTTP 404', 1),
        ((307, b''), 'refused: HTTP 307', 1),
        ((200, b'<html>hello</html>'), 'no chat completion', 1),
        ((200, b'\xff\xfe\x00'), 'no chat completion', 1),
        ((200, b'{"choices": []}'), 'no chat completion', 1),
        ((200, b'[' * 100_000), 'no chat completion', 1),
        ((200, b'{"choices": [{"message": {"content": 5}}]}'), 'int for a text', 1),
        ((200, completion('I see no boxes, sorry.')), 'nothing to read', 1),
        ((200, b' ' * 4_000_001), 'over 4000000 bytes', 1),
    ],
)
def test_what_a_server_does_wrong_is_said(frame, reply, said, tries):
    with server(reply) as (url, asked), pytest.raises(GroundingError, match=said):
        grounder(url).locate(frame, ['mug'])
    assert len(asked) == tries


def test_nobody_at_the_address_is_said_without_the_password_in_it(frame):
    with pytest.raises(GroundingError, match=r'127.0.0.1:9 gave no answer') as caught:
        grounder('http://user:pass@127.0.0.1:9/v1', retries=0, timeout_s=2).locate(frame, ['mug'])
    assert 'pass@' not in str(caught.value)


def test_a_server_that_never_answers_is_given_up(frame):
    import socket

    with socket.create_server(('127.0.0.1', 0)) as silent:
        url = f'http://127.0.0.1:{silent.getsockname()[1]}/v1'
        with pytest.raises(GroundingError, match=r'no answer in 2 tries: .*timed out'):
            grounder(url, retries=1, timeout_s=0.1).locate(frame, ['mug'])


@pytest.mark.parametrize(
    'wrong',
    [
        {'url': ''},
        {'url': 'file:///etc/passwd'},
        {'url': 'robot:8000'},
        {'model': ''},
        {'family': 'gpt'},
        {'timeout_s': 0},
        {'timeout_s': float('nan')},
        {'retries': -1},
        {'most_pixels': 10},
        {'max_tokens': 0},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(ConfigError):
        ServerSettings(**{'url': 'http://robot:8000/v1', 'model': 'qwen', **wrong})
