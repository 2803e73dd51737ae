# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""From what is known of a frame to questions, rationales and answers.

``scene`` says what is known, whoever knows it: the renderer or ``ssr_ros.scene.measure``.
``pairs``, ``single``, ``surfaces`` ask about it, a function for each family; ``ask`` is what
they make. ``balance`` drops what would let a model guess. ``sources`` and ``shards`` read folders
and write files; ``training.curate`` is the command.
"""
