# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where questions come in and answers go out: two services, an action and a pair of topics.

They exist in every state of the node and answer NOT_ACTIVE, with the reason, until it is active.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import replace
from functools import partial
import logging
from typing import Any

from rclpy.action import ActionServer, CancelResponse
from rclpy.callback_groups import CallbackGroup, ReentrantCallbackGroup
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import QoSProfile
from std_msgs.msg import String

from ssr_ros.action import AskStream
from ssr_ros.engine.answering import Answering, Reply
from ssr_ros.engine.cameras import choose
from ssr_ros.engine.diagnostics import Tally
from ssr_ros.engine.request import checked, Code, refusal, Refused, Request
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.worker import outcome, Worker
from ssr_ros.errors import SsrError
from ssr_ros.msg import SpatialAnswer
from ssr_ros.robot import messages
from ssr_ros.robot.outputs import own
from ssr_ros.srv import AskSpatial, Measure

CANCEL_POLL_S = 0.02
RESULT_KEPT_S = 60
NOT_ACTIVE = Refused(
    Code.NOT_ACTIVE, 'the node is not active: `ros2 lifecycle set <node> configure`, then activate'
)

DEEP = QoSProfile(depth=1000)
"""Reliable, with room for many requests at once: of more than the ten that ROS gives a service,
some would vanish without a word. What cannot be answered is refused, with a reason."""

log = logging.getLogger(__name__)


class Endpoints:
    """Takes questions from any thread, has the worker answer them, and replies.

    Args:
        node: the services, the action and the topics are its own.
        settings: gives the current settings.
        show: called in the worker's thread with every reply; must be quick.
        quick: the group of the callbacks that never wait.

    Attributes:
        tally: what became of the questions.
    """

    def __init__(
        self,
        node: LifecycleNode,
        settings: Callable[[], Settings],
        show: Callable[[Reply], None],
        quick: CallbackGroup,
    ) -> None:
        self.tally = Tally()
        self._node, self._settings, self._show, self._quick = node, settings, show, quick
        self._closed_because = NOT_ACTIVE
        self._answerings: Mapping[str, Answering] = {}
        self._session: object | None = None  # another one each time that they open
        self._worker: Worker | None = None
        self._topics: list[Any] = []
        group = ReentrantCallbackGroup()
        node.create_service(
            AskSpatial, '~/ask', self._on_ask, qos_profile=DEEP, callback_group=group
        )
        node.create_service(
            Measure, '~/measure', self._on_measure, qos_profile=DEEP, callback_group=group
        )
        self._action = ActionServer(
            node,
            AskStream,
            '~/ask_stream',
            self._on_goal,
            callback_group=group,
            cancel_callback=lambda goal: CancelResponse.ACCEPT,
            goal_service_qos_profile=DEEP,
            result_service_qos_profile=DEEP,
            cancel_service_qos_profile=DEEP,
            result_timeout=RESULT_KEPT_S,
        )
        self._answers = node.create_lifecycle_publisher(SpatialAnswer, '~/answer', DEEP)

    @property
    def is_open(self) -> bool:
        """Whether questions are answered."""
        return self._session is not None

    def open(self, answerings: Mapping[str, Answering], worker: Worker) -> None:
        """Answer questions from now on.

        Args:
            answerings: name of a camera -> what answers questions about it.
            worker: in its thread they are answered.
        """
        self._worker, self._answerings, self._session = worker, answerings, object()
        self._topics = [
            self._node.create_subscription(
                String,
                own(camera, 'question'),
                partial(self._on_question, camera),
                DEEP,
                callback_group=self._quick,
            )
            for camera in dict.fromkeys(('', *answerings))
        ]

    def close(self, because: Refused = NOT_ACTIVE) -> None:
        """Refuse questions from now on, those that wait or are being answered included."""
        self._closed_because, self._answerings = because, {}
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.refuse_all(because)
        self._session = None  # last: the question being answered sees it, and has its reason
        while self._topics:
            self._node.destroy_subscription(self._topics.pop())

    def destroy(self) -> None:
        """Destroy what the node does not know to be its own."""
        self._action.destroy()

    def _on_ask(self, message: Any, response: Any) -> Any:
        future = self._ask(_requested(message))
        wait([future])
        return self._put_answer(response, future, message.question)

    def _on_question(self, camera: str, message: String) -> None:
        def publish(done: Future[SpatialAnswer]) -> None:
            self._answers.publish(self._answer(done, message.data))

        self._ask(Request(message.data, camera=camera)).add_done_callback(publish)

    def _on_goal(self, goal: Any) -> Any:
        """Run one goal to exactly one terminal state."""

        def feedback(text: str, tokens: int) -> None:
            goal.publish_feedback(AskStream.Feedback(text_so_far=text, tokens=tokens))

        request = _requested(goal.request)
        future = self._ask(request, feedback, lambda: bool(goal.is_cancel_requested))
        while not future.done():
            wait([future], CANCEL_POLL_S)
            if goal.is_cancel_requested:
                future.cancel()  # does something while it waits; later the worker sees the wish
        result = self._put_answer(AskStream.Result(), future, goal.request.question)
        if result.error_code == Code.NONE:
            goal.succeed()
        elif result.error_code == Code.CANCELLED and goal.is_cancel_requested:
            goal.canceled()
        else:
            goal.abort()
        return result

    def _on_measure(self, message: Any, response: Any) -> Any:
        def measured(answering: Answering, request: Request) -> tuple[Reply, Any]:
            reply = answering.measure(request)
            return reply, messages.fill_measure(response, reply)

        future = self._submit(_requested(message), measured, needs_question=False)
        wait([future])
        error = self._settled(future)
        return response if error is None else messages.refused_measure(error)

    def _ask(
        self,
        request: Request | SsrError,
        on_text: Callable[[str, int], None] = lambda text, tokens: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Future[SpatialAnswer]:
        session, worker = self._session, self._worker

        def stopped() -> bool:
            """Called when the frame has been encoded, and between tokens."""
            if worker is not None:
                worker.show_life()
            # A question must not outlive the active state, not even into the next one.
            return cancelled() or self._session is not session

        def answered(answering: Answering, request: Request) -> tuple[Reply, Any]:
            reply = answering.ask(request, on_text, stopped)
            return reply, messages.answer_message(reply)

        return self._submit(request, answered)

    def _submit(
        self,
        request: Request | SsrError,
        job: Callable[[Answering, Request], tuple[Reply, Any]],
        needs_question: bool = True,
    ) -> Future[Any]:
        """Queue a job that gives a reply and its message; return the future of the message.

        The message is made by the worker too: whatever goes wrong with one question stays there.
        What cannot be queued comes back as a future that has failed.
        """
        answerings, worker = self._answerings, self._worker
        try:
            if not answerings or worker is None:
                raise Refused(self._closed_because.code, str(self._closed_because))
            if isinstance(request, SsrError):
                raise request
            camera, answering = choose(answerings, request.camera)
            clean = checked(request, self._settings(), needs_question)
            clean = answering.noted(replace(clean, camera=camera))

            def run() -> Any:
                reply, message = job(answering, clean)
                self.tally.answer(reply)
                self._show(reply)
                return message

            return worker.submit(run)
        except SsrError as error:
            failed: Future[Any] = Future()
            failed.set_exception(error)
            return failed

    def _put_answer(self, response: Any, future: Future[SpatialAnswer], question: str) -> Any:
        """Fill the response of ~/ask or the result of ~/ask_stream."""
        response.answer = self._answer(future, question)
        response.error_code = response.answer.error_code
        response.error_msg = response.answer.error_msg
        return response

    def _answer(self, future: Future[SpatialAnswer], question: str) -> SpatialAnswer:
        error = self._settled(future)
        if error is not None:
            return messages.refused_answer(question, error)
        answer = future.result()
        answer.question = question  # as it was asked, so that who asked can tell answers apart
        return answer

    def _settled(self, future: Future[Any]) -> BaseException | None:
        """Count and log a question that was not answered; return what it failed with."""
        error = outcome(future)
        if error is None:
            return None
        code, text = refusal(error)
        self.tally.refuse(code, text)
        if isinstance(error, SsrError):
            self._node.get_logger().warning(f'{code.name}: {text}', throttle_duration_sec=2.0)
        else:
            log.error('a question failed', exc_info=error)
        return error


def _requested(message: Any) -> Request | SsrError:
    """Read a request; what is wrong with it is its answer."""
    try:
        return messages.request_of(message)
    except SsrError as error:
        return error
