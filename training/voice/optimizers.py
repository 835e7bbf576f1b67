"""Muon: steps whose matrices are orthogonalised, so that every direction of a weight learns at one pace (Jordan 2024; the
scale that lets it share AdamW's rate is Moonlight's, arXiv 2502.16982)."""

import math

import torch

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the quintic that drives singular values towards 1
ROUNDS = 3  # five reach smaller ones too, and take nearly as long as the gradient itself


def orthogonalised(matrices):
    """[N, R, C] with all singular values near 1, R <= C."""
    a, b, c = COEFFICIENTS
    x = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        square = x @ x.transpose(1, 2)
        x = a * x + (b * square + c * square @ square) @ x
    return x


class Muon(torch.optim.Optimizer):
    """Of weights [O, I] and [O, I, K]; the gradients of those of one shape are orthogonalised together."""

    def __init__(self, groups, momentum=0.95, weight_decay=0.01):
        super().__init__(groups, {"lr": 1e-3, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            alike = {}
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if "mean" not in state:
                    state["mean"] = torch.zeros_like(p)
                state["mean"].mul_(group["momentum"]).add_(p.grad)
                alike.setdefault(p.shape, []).append((p, p.grad.add(state["mean"], alpha=group["momentum"]).flatten(1)))
            for pairs in alike.values():
                stacked = torch.stack([g for _, g in pairs])
                rows, columns = stacked.shape[1:]
                made = orthogonalised(stacked.transpose(1, 2)).transpose(1, 2) if rows > columns else orthogonalised(stacked)
                scale = 0.2 * max(rows, columns) ** 0.5
                for (p, _), update in zip(pairs, made):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_(update.view_as(p), alpha=-group["lr"] * scale)


# What makes attention's scores learns slower: norms after the sums let scores grow until nothing else is learned; so does
# the speaker's vector, which is added everywhere.
SHARES = (("reference.", 0.1), ("conv_q", 0.25), ("conv_k", 0.25), ("emb_rel_k", 0.25))
SMALLEST = 64  # rows and columns of a matrix that Muon takes
# AdamW's whatever their shape: tables, what ends in classes, and what would cost more time than it saves.
ALONE = ("heads.", "reference.", "embedding", "table", "convolutions", "predict", "mrte.")


def _groups(named, shares):
    by_share = {}
    for name, parameter in named:
        share = math.prod(share for part, share in shares if part in name)
        by_share.setdefault(share, []).append(parameter)
    return [{"params": parameters, "share": share} for share, parameters in by_share.items()]


def _is_matrix(name, parameter):
    return parameter.dim() >= 2 and min(parameter.shape[0], parameter[0].numel()) >= SMALLEST and not any(
        part in name for part in ALONE)


class Steady:
    """Steps of Muon and AdamW with a bound on the gradient; a step whose gradient is unlike those before is left out."""

    def __init__(self, named, bound, betas=(0.9, 0.98), weight_decay=0.01, muon=True, unusual=6.0, shares=()):
        named = list(named)
        matrices = [pair for pair in named if muon and _is_matrix(*pair)]
        taken = {id(p) for _, p in matrices}
        others = [pair for pair in named if id(pair[1]) not in taken]
        self.optimizers = []
        if others:
            self.optimizers.append(torch.optim.AdamW(_groups(others, SHARES + shares), betas=betas, weight_decay=weight_decay, fused=True))
        if matrices:
            self.optimizers.append(Muon(_groups(matrices, SHARES + shares), weight_decay=weight_decay))
        self.parameters, self.bound, self.unusual = [p for _, p in named], bound, unusual
        self.usual, self.count, self.left_out = None, 0, 0

    def step(self, loss, rate):
        """One step towards less `loss`; groups may scale the rate."""
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
            for group in optimizer.param_groups:
                group["lr"] = rate * group["share"]
        loss.backward()
        size = float(torch.nn.utils.clip_grad_norm_(self.parameters, self.bound))
        self.count += 1
        if not size < (self.usual or float("inf")) * self.unusual and self.count > 50:
            self.left_out += 1
            return
        self.usual = size if self.usual is None else 0.98 * self.usual + 0.02 * size
        for optimizer in self.optimizers:
            optimizer.step()
