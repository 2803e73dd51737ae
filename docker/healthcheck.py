# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Exit with 0 while the node's lifecycle state is a good one: what Docker asks once a minute.

SSR_NAMESPACE names the node's namespace, SSR_HEALTHY the good states ('active'; under a lifecycle
manager 'active inactive').
"""

from __future__ import annotations

import os
import sys

from lifecycle_msgs.srv import GetState
import rclpy
from rclpy.node import Node

FOUND_WITHIN_S, ANSWERED_WITHIN_S = 10.0, 5.0


def main() -> int:
    """Print the state, or that nobody tells it; return 0 where it is a good one."""
    name = f'{os.environ.get("SSR_NAMESPACE", "").rstrip("/")}/ssr/get_state'
    rclpy.init()
    node = Node('ssr_health', start_parameter_services=False, enable_rosout=False)
    try:
        state = ask(node, name)
    finally:
        node.destroy_node()
        rclpy.shutdown()
    print(state or f'{name} did not answer')
    return int(state not in os.environ.get('SSR_HEALTHY', 'active').split())


def ask(node: Node, name: str) -> str:
    """Return the label of the node's state, '' where nobody tells it in time."""
    client = node.create_client(GetState, name)
    if not client.wait_for_service(FOUND_WITHIN_S):
        return ''
    told = client.call_async(GetState.Request())
    rclpy.spin_until_future_complete(node, told, timeout_sec=ANSWERED_WITHIN_S)
    return str(told.result().current_state.label) if told.done() else ''


if __name__ == '__main__':
    sys.exit(main())
