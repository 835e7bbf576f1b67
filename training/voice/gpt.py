"""The text-to-semantic model: phones and a prompt's codes in, the next code out.

A transformer with norms after the sums over [phones | codes]; phones see all phones, a code sees all phones and the codes
up to itself. Parameters carry the names of upstream's checkpoints.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

SYMBOLS, CODES, END, WIDTH, LAYERS, HEADS = 732, 1025, 1024, 256, 4, 4
GUIDED = (1, 2)  # layers whose first head is shown where in the text a code is


class _Embedding(nn.Module):
    def __init__(self, count):
        super().__init__()
        self.word_embeddings = nn.Embedding(count, WIDTH)
        nn.init.normal_(self.word_embeddings.weight, 0, 0.3)

    def forward(self, ids):
        return self.word_embeddings(ids)


class _Position(nn.Module):
    def __init__(self):
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1))


class _SelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * WIDTH, WIDTH))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * WIDTH))
        self.out_proj = nn.Linear(WIDTH, WIDTH)
        nn.init.xavier_uniform_(self.in_proj_weight)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn = _SelfAttention()
        self.linear1, self.linear2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)

    def forward(self, x, bias, dropout=0.0, cache=None):
        """`bias` [B, 1, Tq, Tk] is added to the scores. Returns x, the scores and the cache grown by x."""
        batch, length, _ = x.shape
        parts = F.linear(x, self.self_attn.in_proj_weight, self.self_attn.in_proj_bias).chunk(3, -1)
        q, k, v = (part.view(batch, length, HEADS, -1).transpose(1, 2) for part in parts)
        if cache is not None:
            k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
        scores = (q / math.sqrt(WIDTH // HEADS)) @ k.transpose(2, 3)
        if bias is not None:
            scores = scores + bias
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, WIDTH)
        x = self.norm1(x + F.dropout(self.self_attn.out_proj(y), dropout, self.training))
        y = self.linear2(F.relu(self.linear1(x)))
        return self.norm2(x + F.dropout(y, dropout, self.training)), scores, (k, v)


class TextToSemantic(nn.Module):
    def __init__(self, dropout=0.05):
        super().__init__()
        self.ar_text_embedding, self.ar_audio_embedding = _Embedding(SYMBOLS), _Embedding(CODES)
        self.ar_text_position, self.ar_audio_position = _Position(), _Position()
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.ar_predict_layer = nn.Linear(WIDTH, CODES, bias=False)
        self.dropout = dropout
        position = torch.arange(4000.0)[:, None]
        step = torch.exp(torch.arange(0, WIDTH, 2) * -(math.log(10000.0) / WIDTH))
        table = torch.zeros(4000, WIDTH)
        table[:, 0::2], table[:, 1::2] = torch.sin(position * step), torch.cos(position * step)
        self.register_buffer("table", table, persistent=False)

    def embedded(self, phones, codes):
        text = self.ar_text_embedding(phones) + self.ar_text_position.alpha * self.table[: phones.shape[1]]
        audio = self.ar_audio_embedding(codes) + self.ar_audio_position.alpha * self.table[: codes.shape[1]]
        return torch.cat([text, audio], 1)

    def forward(self, phones, phone_counts, codes):
        """Logits [B, T + 1, 1025] for the codes [B, T] and what follows them, and the scores of the guided heads.

        Phones are padded on the left, so that the last phone stands before the first code, codes on the right."""
        batch, letters = phones.shape
        length = codes.shape[1]
        # Left padding: positions count from a row's first phone.
        shift = torch.arange(letters)[None] - (letters - phone_counts)[:, None]
        text = self.ar_text_embedding(phones) + self.ar_text_position.alpha * self.table[shift.clamp(min=0)]
        audio = self.ar_audio_embedding(codes) + self.ar_audio_position.alpha * self.table[:length]
        x = F.dropout(torch.cat([text, audio], 1), self.dropout, self.training)
        bias = x.new_zeros(batch, 1, letters + length, letters + length)
        bias[:, :, :letters, letters:] = -1e4
        bias[:, :, letters:, letters:] = torch.triu(torch.full((length, length), -1e4), 1)
        bias[:, :, :, :letters].masked_fill_((shift < 0)[:, None, None], -1e4)
        guided = []
        for index, layer in enumerate(self.layers):
            x, scores, _ = layer(x, bias, self.dropout)
            if index in GUIDED:
                guided.append(scores[:, 0, letters:, :letters])
        return self.ar_predict_layer(x[:, letters - 1 :]), guided

    @torch.no_grad()
    def generate(self, phones, prompt, most=1000, top_k=5, temperature=1.0, penalty=1.35, generator=None):
        """Codes that follow the prompt's [T]; sampled as upstream samples. `phones` [P]."""
        letters, start = len(phones), len(prompt)
        x = self.embedded(phones[None], prompt[None])
        bias = x.new_zeros(1, 1, letters + start, letters + start)
        bias[:, :, :letters, letters:] = -1e4
        bias[:, :, letters:, letters:] = torch.triu(torch.full((start, start), -1e4), 1)
        caches, codes = [None] * LAYERS, prompt.tolist()
        for step in range(most):
            for index, layer in enumerate(self.layers):
                x, _, caches[index] = layer(x, bias, cache=caches[index])
            bias = None
            logits = self.ar_predict_layer(x[0, -1]).float()
            if step < 11:
                logits = logits[:END]
            best = int(logits.argmax())
            used = torch.tensor(sorted(set(codes)), dtype=torch.long)
            if len(used):
                values = logits[used]
                logits[used] = torch.where(values < 0, values * penalty, values / penalty)
            if top_k:
                logits[logits < logits.topk(top_k).values[-1]] = -torch.inf
            chances = (logits / temperature).softmax(-1)
            code = int(torch.multinomial(chances, 1, generator=generator))
            if best == END or code == END:
                break
            codes.append(code)
            x = self.ar_audio_embedding(torch.tensor([[code]]))
            x = x + self.ar_audio_position.alpha * self.table[len(codes) - 1]
        return codes[start:]
