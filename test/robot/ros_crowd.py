# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Many who ask one node at the same time."""

from patience import PATIENCE_S, wait_for
from rclpy.qos import QoSProfile
from ssr_ros.action import AskStream
from ssr_ros.msg import SpatialAnswer
from ssr_ros.srv import AskSpatial
from std_msgs.msg import String


class Crowd:
    """Many clients that ask one node at the same time, and what error code each of them hears.

    Their queues are deep too: every client's queue takes the replies to all clients of a service.
    """

    DEEP = QoSProfile(depth=1000)

    def __init__(self, bench, robot):
        self.bench, self.robot = bench, robot

    def service(self, clients, each):
        node = self.bench.node
        name = self.robot.name('ssr/ask')
        crowd = [
            node.create_client(AskSpatial, name, qos_profile=self.DEEP) for _ in range(clients)
        ]
        assert all(client.wait_for_service(PATIENCE_S) for client in crowd)
        futures = [c.call_async(AskSpatial.Request(question='Well?')) for c in crowd * each]
        codes = [self.bench.result(future, 60).error_code for future in futures]
        for client in crowd:
            node.destroy_client(client)
        return codes

    def goal(self, clients, each):
        services = ('goal', 'result', 'cancel')
        qos = {f'{service}_service_qos_profile': self.DEEP for service in services}
        name = self.robot.name('ssr/ask_stream')
        crowd = [self.bench.action_client(AskStream, name, **qos) for _ in range(clients)]
        assert all(client.wait_for_server(PATIENCE_S) for client in crowd)
        # In the thread that takes the responses: rclpy drops one that comes too early.
        sent = self.bench.executor.create_task(
            lambda: [c.send_goal_async(AskStream.Goal(question='Well?')) for c in crowd * each]
        )
        goals = self.bench.result(sent, 60)
        handles = [self.bench.result(goal, 60) for goal in goals]
        assert all(handle.accepted for handle in handles)
        asked = self.bench.executor.create_task(lambda: [h.get_result_async() for h in handles])
        results = self.bench.result(asked, 60)
        codes = [self.bench.result(result, 60).result.error_code for result in results]
        for client in crowd:
            client.destroy()
        return codes

    def topic(self, clients, each):
        heard = self.robot.listen(SpatialAnswer, 'ssr/answer', depth=1000)
        asked = [f'Well, {number}?' for number in range(clients * each)]
        for question in asked:
            self.robot.publish('ssr/question', String(data=question), depth=1000)
        wait_for(lambda: len(heard) >= len(asked), lambda: f'{len(heard)} replies', timeout_s=60)
        assert sorted(each.question for each in heard) == sorted(asked)
        return [each.error_code for each in heard]
