# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ROS parameters to ``NodeSettings`` and back: declared with descriptors, changed all or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field
from typing import Any

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

from ssr_ros.engine.cameras import NodeSettings
from ssr_ros.errors import ConfigError
from ssr_ros.robot.bond import SWITCH

# Parameters that rclpy and bondpy declare for themselves; neither ours nor typing errors.
FOREIGN = (
    'use_sim_time',
    'start_type_description_service',
    'qos_overrides.',
    SWITCH,
)


class Parameters:
    """The node's parameters, and the settings that they make.

    Args:
        node: was made with ``automatically_declare_parameters_from_overrides=True``. Only so does
            rclpy tell which names were given, also the misspelt ones; they are declared again,
            with their descriptors, once they have been checked.
        changed: called with new settings before they count; may refuse them with ConfigError.

    Attributes:
        settings: the current settings.

    Raises:
        ConfigError: a name is not known, or a value has the wrong type or range.
    """

    def __init__(self, node: Node, changed: Callable[[NodeSettings], None]) -> None:
        self._changed = changed
        given = {
            name: parameter.value
            for name, parameter in node.get_parameters_by_prefix('').items()
            if not name.startswith(FOREIGN)
        }
        self.settings = NodeSettings().updated(given)
        for name in given:
            node.undeclare_parameter(name)
        for name, described, value in self.settings.describe():
            value = list(value) if isinstance(value, tuple) else value
            node.declare_parameter(name, value, descriptor(name, described), ignore_override=True)
        node.add_on_set_parameters_callback(self._set)

    def _set(self, parameters: list[Parameter]) -> SetParametersResult:
        values = {
            parameter.name: parameter.value
            for parameter in parameters
            if not parameter.name.startswith(FOREIGN)
        }
        try:
            settings = self.settings.updated(values)
            self._changed(settings)
        except ConfigError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self.settings = settings
        return SetParametersResult(successful=True)


def descriptor(name: str, described: Field[Any]) -> ParameterDescriptor:
    """Describe a setting to ``ros2 param describe`` and to rqt."""
    limits = described.metadata
    result = ParameterDescriptor(
        name=name, description=limits['description'], read_only=limits['fixed']
    )
    if limits['choices']:
        result.additional_constraints = f'One of: {", ".join(limits["choices"])}'
    if limits['least'] is not None and isinstance(described.default, float):
        result.floating_point_range = [
            FloatingPointRange(from_value=limits['least'], to_value=limits['most'])
        ]
    elif limits['least'] is not None:
        result.integer_range = [
            IntegerRange(from_value=limits['least'], to_value=limits['most'], step=1)
        ]
    return result
