# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A real browser without a screen: Chromium, driven over its DevTools protocol."""

import base64
from contextlib import contextmanager
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request

NAMES = ('chromium', 'chromium-browser', 'google-chrome', 'chrome')
CURE = 'no Chromium here: sudo apt install chromium'
PATIENCE_S = 60


def chromium():
    """Return the path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One open page."""

    def __init__(self, socket):
        self._socket, self._numbers = socket, itertools.count(1)
        self.events = []

    def call(self, method, **parameters):
        """Call a method of the protocol and return its result."""
        number = next(self._numbers)
        self._socket.send(json.dumps({'id': number, 'method': method, 'params': parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if message.get('id') == number:
                assert 'error' not in message, message
                return message['result']
            self.events.append(message)

    def open(self, path):
        """Load a file and wait until all of it is there."""
        self.call('Page.navigate', url=path.resolve().as_uri())
        self.wait('document.readyState === "complete"')

    def run(self, script):
        """Evaluate a script and return what it gives."""
        done = self.call('Runtime.evaluate', expression=script, returnByValue=True)
        assert 'exceptionDetails' not in done, done
        return done['result'].get('value')

    def wait(self, script):
        """Wait until a script gives something true."""
        give_up = time.monotonic() + PATIENCE_S
        while not self.run(script):
            assert time.monotonic() < give_up, f'in vain: {script}'
            time.sleep(0.05)

    def click(self, selector):
        """Click with the mouse on the first element that fits, as a person would."""
        x, y = self.run(
            f'(() => {{ const e = document.querySelector({json.dumps(selector)});'
            'e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect();'
            'return [r.x + r.width / 2, r.y + r.height / 2]; })()'
        )
        for kind in ('mousePressed', 'mouseReleased'):
            self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1)

    def write(self, selector, text):
        """Put the cursor into a field and type."""
        self.run(f'document.querySelector({json.dumps(selector)}).focus()')
        self.call('Input.insertText', text=text)

    def size(self, width, height, scale=1):
        """Make the window so large, in pixels of the page."""
        self.call(
            'Emulation.setDeviceMetricsOverride',
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )

    def theme(self, name):
        """Prefer 'dark' or 'light', as the operating system would."""
        features = [{'name': 'prefers-color-scheme', 'value': name}]
        self.call('Emulation.setEmulatedMedia', features=features)

    def shot(self, path, whole=False):
        """Save what is seen as a PNG."""
        done = self.call('Page.captureScreenshot', captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(done['data']))

    def print(self):
        """Return the page as it is printed, a PDF."""
        done = self.call('Page.printToPDF', printBackground=True, preferCSSPageSize=True)
        return base64.b64decode(done['data'])


@contextmanager
def browser():
    """Start a Chromium without network and give its page."""
    from websockets.sync.client import connect

    folder = tempfile.mkdtemp()
    options = [
        '--headless=new',
        '--no-sandbox',  # as root in a container there is none
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--no-first-run',
        '--remote-debugging-port=0',
        f'--user-data-dir={folder}',
        'about:blank',
    ]
    process = subprocess.Popen(
        [chromium(), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        port = _port(folder, process)
        with urllib.request.urlopen(f'http://127.0.0.1:{port}/json/list') as reply:
            target = next(t for t in json.load(reply) if t['type'] == 'page')
        with connect(target['webSocketDebuggerUrl'], max_size=2**28, proxy=None) as socket:
            page = Page(socket)
            for domain in ('Page', 'Runtime', 'Log', 'Network'):
                page.call(f'{domain}.enable')
            page.call(
                'Network.emulateNetworkConditions',
                offline=True,
                latency=0,
                downloadThroughput=0,
                uploadThroughput=0,
            )
            yield page
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _port(folder, process):
    path = os.path.join(folder, 'DevToolsActivePort')
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        assert process.poll() is None, 'Chromium has ended'
        if os.path.exists(path):
            with open(path) as stream:
                text = stream.read()
            if '\n' in text:
                return int(text.splitlines()[0])
        time.sleep(0.05)
    raise AssertionError('Chromium did not come up')
