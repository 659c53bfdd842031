# SPDX-License-Identifier: GPL-3.0-or-later
"""vLLM's metrics (and a few of text-embeddings-inference's) in Prometheus' text format."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_BUCKETS = (0.001, 0.01, 0.1, 0.5, 1.0, 2.5, 10.0)


@dataclass
class Histogram:
    """Cumulative buckets of seconds."""

    total: float = 0.0
    count: int = 0
    buckets: dict[float, int] = field(default_factory=lambda: dict.fromkeys(_BUCKETS, 0))

    def observe(self, value: float) -> None:
        """Add one observation in seconds."""
        self.total += value
        self.count += 1
        for bound in self.buckets:
            self.buckets[bound] += value <= bound

    def lines(self, name: str, labels: str) -> list[str]:
        """The histogram's samples."""
        out = [f'{name}_bucket{{{labels},le="{bound}"}} {n}' for bound, n in self.buckets.items()]
        out.append(f'{name}_bucket{{{labels},le="+Inf"}} {self.count}')
        return [*out, f"{name}_sum{{{labels}}} {self.total:.6f}", f"{name}_count{{{labels}}} {self.count}"]


@dataclass
class Metrics:
    """What one server has done since it started."""

    model: str
    embedding: bool = False
    running: int = 0
    prompt_tokens: int = 0
    generation_tokens: int = 0
    finished: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    first_token: Histogram = field(default_factory=Histogram)
    latency: Histogram = field(default_factory=Histogram)

    def render(self) -> str:
        """The text of ``/metrics``."""
        lines = self._embedding() if self.embedding else self._generation()
        return "\n".join(lines) + "\n"

    def _generation(self) -> list[str]:
        labels = f'engine="0",model_name="{self.model}"'
        out: list[str] = []

        def sample(name: str, kind: str, text: str, value: float) -> None:
            out.extend([f"# HELP {name} {text}", f"# TYPE {name} {kind}", f"{name}{{{labels}}} {value}"])

        sample("vllm:num_requests_running", "gauge", "Number of requests in model execution batches.", self.running)
        sample("vllm:num_requests_waiting", "gauge", "Number of requests waiting to be processed.", 0)
        sample("vllm:kv_cache_usage_perc", "gauge", "KV-cache usage. 1 means 100 percent usage.", 0.0)
        sample("vllm:prompt_tokens_total", "counter", "Number of prefill tokens processed.", self.prompt_tokens)
        sample(
            "vllm:generation_tokens_total", "counter", "Number of generation tokens processed.", self.generation_tokens
        )
        out += ["# HELP vllm:request_success_total Count of successfully processed requests."]
        out += ["# TYPE vllm:request_success_total counter"]
        for reason in ("stop", "length", "abort"):
            out.append(f'vllm:request_success_total{{{labels},finished_reason="{reason}"}} {self.finished[reason]}')
        for name, text, histogram in (
            ("vllm:time_to_first_token_seconds", "Histogram of time to first token in seconds.", self.first_token),
            ("vllm:e2e_request_latency_seconds", "Histogram of e2e request latency in seconds.", self.latency),
        ):
            out += [f"# HELP {name} {text}", f"# TYPE {name} histogram", *histogram.lines(name, labels)]
        return out

    def _embedding(self) -> list[str]:
        out = ["# HELP te_request_count Number of requests.", "# TYPE te_request_count counter"]
        out += [f'te_request_count{{method="{method}"}} {n}' for method, n in sorted(self.requests.items())]
        out += ["# HELP te_request_success Number of successful requests.", "# TYPE te_request_success counter"]
        out.append(f'te_request_success{{method="single"}} {sum(self.finished.values())}')
        out += ["# TYPE te_batch_next_tokens histogram", f"te_batch_next_tokens_sum {self.prompt_tokens}"]
        out.append(f"te_batch_next_tokens_count {sum(self.finished.values())}")
        out += ["# TYPE te_request_duration histogram", *self.latency.lines("te_request_duration", 'method="all"')]
        return out
