"""continual-inference 1.2.4: ``RetroactiveUnity`` repeats stale values from step 2n − 2 on.

Needs ``continual-inference`` and nothing else:

    pip install continual-inference
    python test_retroactive_unity.py        (or: pytest test_retroactive_unity.py)

``RetroactiveUnity(delay)`` is the residual beside a retroactive attention over n = delay + 1 tokens: at every
step it must give the last n inputs, oldest first.  Its buffer has ``delay + 1`` slots and is written at
``index % (delay + 1)``, but the index is wrapped with ``% self.delay``: after the first wrap the last slot is
never written again and the others are rotated by one, so the residual stream of a two-block
``TransformerEncoder`` is stale and out of order.  The tests of the library stop at step n, before that.

The mend is one line of ``continual/transformer.py``, in ``RetroactiveUnity._forward_step``:

    -            new_index = new_index % self.delay
    +            new_index = new_index % (self.delay + 1)
"""

from __future__ import annotations

import sys
import warnings

import torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import continual as co
    from continual.transformer import RetroactiveUnity


def first_wrong_step(delay: int, steps: int) -> int | None:
    """The first step whose output is not the last ``delay + 1`` inputs, or None."""
    unity = RetroactiveUnity(delay)
    inputs = torch.arange(float(steps)).reshape(steps, 1, 1)  # input t is the number t, (1, 1)
    for step, given in enumerate(inputs):
        output = unity.forward_step(given)
        if not isinstance(output, torch.Tensor):
            continue  # the buffer still fills
        if output.flatten().tolist() != [float(t) for t in range(step - delay, step + 1)]:
            return step
    return None


def encoder_errors(n: int, steps: int) -> list[tuple[int, float]]:
    """Largest difference of a two-block step and the same encoder's ``forward`` over the window, by step."""
    torch.manual_seed(0)
    layer = co.TransformerEncoderLayerFactory(d_model=8, nhead=2, sequence_len=n, dim_feedforward=16)
    encoder = co.TransformerEncoder(layer, num_layers=2).eval()
    tokens = torch.randn(1, 8, steps)
    rows = []
    with torch.inference_mode():
        for step in range(steps):
            output = encoder.forward_step(tokens[:, :, step])
            if isinstance(output, torch.Tensor):
                window = encoder.forward(tokens[:, :, step + 1 - n : step + 1])[:, :, -1]
                rows.append((step, float((output.squeeze(-1) - window).abs().max())))
    return rows


def test_retroactive_unity_gives_the_last_inputs() -> None:
    for delay in (3, 7, 15):
        assert first_wrong_step(delay, 4 * delay) is None, (
            f"wrong from step {first_wrong_step(delay, 4 * delay)}"
        )


def test_two_block_steps_equal_the_window() -> None:
    for step, error in encoder_errors(8, 32):
        assert error < 1e-5, f"step {step} is off by {error:.1e}"


def main() -> int:
    for delay in (3, 7, 15):
        wrong = first_wrong_step(delay, 4 * delay)
        print(f"RetroactiveUnity, n = {delay + 1}: first wrong step {wrong} (2n − 2 = {2 * delay})")
    late = [step for step, error in encoder_errors(8, 32) if error > 1e-5]
    print(f"two-block encoder, n = 8: {len(late)} of 25 steps wrong, the first {min(late, default=None)}")
    return bool(late)


if __name__ == "__main__":
    sys.exit(main())
