"""Rotations as numbers, as GripTrace writes them, and as matrices; every function takes any number of leading dimensions.

`rot6d` is the matrix's first two rows, row by row. `rotvec` is the rotation vector from a reference: R = exp(w) · reference. `quaternion` is
x y z w with the reference's sign.
"""

import torch

WIDTHS = {"rot6d": 6, "rotvec": 3, "quaternion": 4}
NAMES = {
    "rot6d": ["row1_x", "row1_y", "row1_z", "row2_x", "row2_y", "row2_z"],
    "rotvec": ["ref_wx", "ref_wy", "ref_wz"],
    "quaternion": ["qx", "qy", "qz", "qw"],
}


def matrices(form: str, numbers: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """(…, n) numbers to (…, 3, 3); what is not quite a rotation (a network's words) goes to the nearest by Gram and Schmidt."""
    if form == "rot6d":
        x = torch.nn.functional.normalize(numbers[..., :3], dim=-1)
        y = numbers[..., 3:]
        y = torch.nn.functional.normalize(y - (x * y).sum(-1, keepdim=True) * x, dim=-1)
        return torch.stack((x, y, torch.linalg.cross(x, y)), dim=-2)
    if form == "rotvec":
        half = 0.5 * torch.linalg.vector_norm(numbers, dim=-1, keepdim=True)
        # sin(x)/x, by its series near zero.
        ratio = torch.where(half < 1e-4, 1 - half * half / 6, torch.sin(half) / torch.clamp(half, min=1e-12))
        return quaternion_matrices(torch.cat((0.5 * ratio * numbers, torch.cos(half)), dim=-1)) @ reference
    return quaternion_matrices(torch.nn.functional.normalize(numbers, dim=-1))


def numbers(form: str, matrix: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """(…, 3, 3) to (…, n) numbers, the inverse of `matrices`."""
    if form == "rot6d":
        return matrix[..., :2, :].reshape(matrix.shape[:-2] + (6,))
    if form == "rotvec":
        q = matrix_quaternions(matrix @ reference.transpose(-1, -2))
        q = torch.where(q[..., 3:] < 0, -q, q)
        sine = torch.linalg.vector_norm(q[..., :3], dim=-1, keepdim=True)
        ratio = torch.where(sine < 1e-9, 2 / q[..., 3:], 2 * torch.atan2(sine, q[..., 3:]) / torch.clamp(sine, min=1e-12))
        return ratio * q[..., :3]
    q = matrix_quaternions(matrix)
    return torch.where((q * matrix_quaternions(reference)).sum(-1, keepdim=True) < 0, -q, q)


def quaternion_matrices(q: torch.Tensor) -> torch.Tensor:
    """(…, 4) unit quaternions x y z w to (…, 3, 3)."""
    x, y, z, w = q.unbind(-1)
    rows = (
        1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w),
        2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
        2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y),
    )  # fmt: skip
    return torch.stack(rows, dim=-1).reshape(q.shape[:-1] + (3, 3))


def matrix_quaternions(m: torch.Tensor) -> torch.Tensor:
    """(…, 3, 3) to (…, 4) unit quaternions x y z w: of the four ways to the same one, the one that divides by most."""
    (a, b, c), (d, e, f), (g, h, i) = (m[..., n, :].unbind(-1) for n in range(3))
    four = torch.stack(
        (
            torch.stack((1 + a - e - i, b + d, c + g, h - f), dim=-1),
            torch.stack((b + d, 1 - a + e - i, f + h, c - g), dim=-1),
            torch.stack((c + g, f + h, 1 - a - e + i, d - b), dim=-1),
            torch.stack((h - f, c - g, d - b, 1 + a + e + i), dim=-1),
        ),
        dim=-2,
    )
    most = torch.diagonal(four, dim1=-2, dim2=-1).argmax(-1)
    chosen = four.gather(-2, most[..., None, None].expand(m.shape[:-2] + (1, 4))).squeeze(-2)
    return torch.nn.functional.normalize(chosen, dim=-1)
