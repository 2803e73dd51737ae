# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A hub on this machine: folders as repositories, over the few paths that its client asks."""

from __future__ import annotations

from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
from pathlib import Path
import re
from threading import Thread

COMMIT = 'c' * 40


class FakeHub:
    """Serves ``root/owner/name``; counts what was sent, and can break off in the middle.

    Attributes:
        url: of it.
        sent: file -> bytes sent, all requests together.
        starts: file -> where each request began to read.
        cut: file -> bytes after which the next request for it is broken off.
    """

    def __init__(self, root: Path) -> None:
        self.sent: dict[str, int] = {}
        self.starts: dict[str, list[int]] = {}
        self.cut: dict[str, int] = {}
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.answer(self, root, True)

            def do_HEAD(self) -> None:
                hub.answer(self, root, False)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self._server.server_port}'
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, root: Path, with_body: bool) -> None:
        """Answer one request."""
        path = request.path.partition('?')[0]
        listing = re.fullmatch(r'/api/models/([^/]+/[^/]+)(/(?:revision|tree)/.*)?', path)
        resolve = re.fullmatch(r'/([^/]+/[^/]+)/resolve/[^/]+/(.+)', path)
        if listing and (root / listing[1]).is_dir():
            files = sorted((root / listing[1]).iterdir())
            body: object = [
                {'type': 'file', 'path': p.name, 'size': p.stat().st_size, 'oid': _tag(p)}
                for p in files
            ]
            if '/tree/' not in path:
                siblings = [{'rfilename': p.name} for p in files]
                body = {'id': listing[1], 'sha': COMMIT, 'siblings': siblings}
            return self._send(request, json.dumps(body).encode(), with_body, {})
        if resolve and (root / resolve[1] / resolve[2]).is_file():
            return self._send_file(request, root / resolve[1] / resolve[2], with_body)
        request.send_response(404)
        request.send_header('X-Error-Code', 'RepoNotFound' if listing else 'EntryNotFound')
        request.send_header('Content-Length', '0')
        request.end_headers()

    def _send_file(self, request: BaseHTTPRequestHandler, path: Path, with_body: bool) -> None:
        headers = {'ETag': f'"{_tag(path)}"', 'X-Repo-Commit': COMMIT, 'Accept-Ranges': 'bytes'}
        content, name = path.read_bytes(), path.name
        start = re.match(r'bytes=(\d+)-', request.headers.get('Range', ''))
        begin = int(start[1]) if start else 0
        if begin:
            headers['Content-Range'] = f'bytes {begin}-{len(content) - 1}/{len(content)}'
        if with_body:
            self.starts.setdefault(name, []).append(begin)
        cut = self.cut.pop(name, None) if with_body else None
        self._send(request, content[begin:], with_body, headers, cut)
        if with_body:
            size = len(content) - begin if cut is None else cut
            self.sent[name] = self.sent.get(name, 0) + size

    def _send(
        self,
        request: BaseHTTPRequestHandler,
        body: bytes,
        with_body: bool,
        headers: dict[str, str],
        cut: int | None = None,
    ) -> None:
        request.send_response(206 if 'Content-Range' in headers else 200)
        for key, value in {**headers, 'Content-Length': str(len(body))}.items():
            request.send_header(key, value)
        request.end_headers()
        if with_body:
            request.wfile.write(body[:cut])
            if cut is not None:
                request.wfile.flush()
                request.connection.shutdown(2)


def _tag(path: Path) -> str:
    return sha1(path.read_bytes()).hexdigest()
