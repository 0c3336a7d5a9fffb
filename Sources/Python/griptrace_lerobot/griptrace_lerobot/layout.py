"""Which numbers of state and action are a tool's pose, and actions relative to the pose that a chunk starts from."""

from dataclasses import dataclass

import torch

from . import rotations


@dataclass
class Tool:
    """One arm's tool: where its numbers are in a vector, and how its rotation is written."""

    prefix: str
    position: list[int]
    rotation: list[int]
    form: str
    reference: torch.Tensor  # (3, 3)

    @classmethod
    def all_in(cls, feature: dict, key: str) -> "list[Tool]":
        """The tools that a feature of `meta/info.json` names, in the order of its numbers. `key` is for messages."""
        names = list(feature.get("names") or [])
        prefixes = [name[: -len("ee.x")] for name in names if name.endswith("ee.x")]
        if not prefixes:
            raise ValueError(
                f"{key} holds no tool pose but {', '.join(map(str, names))}; accepted: a data set that was written with "
                "--state ee (or both) and --action ee"
            )
        info = feature.get("info") or {}
        form = info.get("rotation")
        if form not in rotations.WIDTHS:
            raise ValueError(f"{key}: info.rotation is {form!r}; accepted: {', '.join(rotations.WIDTHS)}")
        references = info.get("reference_rotation_xyzw") or [[0.0, 0.0, 0.0, 1.0]] * len(prefixes)
        return [
            cls(
                prefix,
                [names.index(f"{prefix}ee.{axis}") for axis in "xyz"],
                [names.index(f"{prefix}ee.{name}") for name in rotations.NAMES[form]],
                form,
                rotations.quaternion_matrices(torch.tensor(reference, dtype=torch.float64)),
            )
            for prefix, reference in zip(prefixes, references, strict=True)
        ]

    def pose(self, vector: torch.Tensor) -> torch.Tensor:
        """(…, D) to (…, 4, 4), float64: base from tool."""
        vector = vector.double()
        turn = rotations.matrices(self.form, vector[..., self.rotation], self.reference)
        out = torch.zeros(vector.shape[:-1] + (4, 4), dtype=torch.float64)
        out[..., :3, :3] = turn
        out[..., :3, 3] = vector[..., self.position]
        out[..., 3, 3] = 1
        return out


class ToolLayout:
    """How the numbers of a chunk of actions become relative to a state, and absolute again.

    A relative action of a tool is `inverse(base_from_tool of the state) · base_from_tool of the action`, as position (m, in the state's tool
    frame) and the first two rows of the matrix; all other numbers (the gripper) are kept. The numbers keep their order, a rotation's six
    stand where its own stood.
    """

    def __init__(self, state: dict, action: dict):
        """Takes the features `observation.state` and `action` of `meta/info.json`."""
        self.action_names = list(action["names"])
        self.actions = Tool.all_in(action, "action")
        states = {tool.prefix: tool for tool in Tool.all_in(state, "observation.state")}
        missing = [tool.prefix for tool in self.actions if tool.prefix not in states]
        if missing:
            raise ValueError(f"observation.state holds no {missing[0]}ee.x, action does")
        self.states = [states[tool.prefix] for tool in self.actions]
        firsts = {tool.rotation[0]: tool for tool in self.actions}
        inner = {n for tool in self.actions for n in tool.rotation[1:]}
        positions = {n: (tool, axis) for tool in self.actions for axis, n in enumerate(tool.position)}
        self.names: list[str] = []
        # Where each tool's relative numbers stand, and the kept numbers: (from, to).
        self.kept: list[tuple[int, int]] = []
        self.places: dict[str, tuple[list[int], list[int]]] = {tool.prefix: ([], []) for tool in self.actions}
        for n, name in enumerate(self.action_names):
            if n in inner:
                continue
            if n in positions:
                tool, axis = positions[n]
                self.places[tool.prefix][0].append(len(self.names))
                self.names.append(f"{tool.prefix}ee.rel_{'xyz'[axis]}")
            elif n in firsts:
                prefix = firsts[n].prefix
                for six in rotations.NAMES["rot6d"]:
                    self.places[prefix][1].append(len(self.names))
                    self.names.append(f"{prefix}ee.rel_{six}")
            else:
                self.kept.append((n, len(self.names)))
                self.names.append(name)

    def relative(self, state: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """(…, S) state and (…, T, A) actions to (…, T, R), in the actions' own precision."""
        out = torch.zeros(actions.shape[:-1] + (len(self.names),), dtype=torch.float64)
        for start, tool in zip(self.states, self.actions, strict=True):
            origin = start.pose(state).unsqueeze(-3)
            turn = origin[..., :3, :3].transpose(-1, -2)
            pose = tool.pose(actions)
            position, rotation = self.places[tool.prefix]
            out[..., position] = (turn @ (pose[..., :3, 3:] - origin[..., :3, 3:])).squeeze(-1)
            out[..., rotation] = rotations.numbers("rot6d", turn @ pose[..., :3, :3], tool.reference)
        for source, target in self.kept:
            out[..., target] = actions[..., source].double()
        return out.to(actions.dtype)

    def poses(self, state: torch.Tensor, relative: torch.Tensor) -> list[torch.Tensor]:
        """For each tool (…, T, 4, 4), base from tool: what a chunk of relative actions means from a state."""
        out = []
        for start, tool in zip(self.states, self.actions, strict=True):
            position, rotation = self.places[tool.prefix]
            step = torch.zeros(relative.shape[:-1] + (4, 4), dtype=torch.float64)
            step[..., :3, :3] = rotations.matrices("rot6d", relative[..., rotation].double(), tool.reference)
            step[..., :3, 3] = relative[..., position].double()
            step[..., 3, 3] = 1
            out.append(start.pose(state).unsqueeze(-3) @ step)
        return out

    def absolute(self, state: torch.Tensor, relative: torch.Tensor) -> torch.Tensor:
        """(…, S) state and (…, T, R) to (…, T, A), the inverse of `relative`: numbers as the data set's actions are."""
        out = torch.zeros(relative.shape[:-1] + (len(self.action_names),), dtype=torch.float64)
        for tool, pose in zip(self.actions, self.poses(state, relative), strict=True):
            out[..., tool.position] = pose[..., :3, 3]
            out[..., tool.rotation] = rotations.numbers(tool.form, pose[..., :3, :3], tool.reference)
        for target, source in self.kept:
            out[..., target] = relative[..., source].double()
        return out.to(relative.dtype)
