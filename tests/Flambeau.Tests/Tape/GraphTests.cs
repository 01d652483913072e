using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Tape;

public sealed class GraphTests
{
    static (Sequential Net, Tensor Y) Small()
    {
        Sequential net = new(("fc", new Linear(3, 2)), ("act", new Tanh()));
        return (net, net.Call(Tensor.Ones(4, 3)).Sum());
    }

    [Fact]
    public void A_small_network_in_Graphviz()
    {
        (Sequential net, Tensor y) = Small();
        Assert.Equal("""
            digraph {
              node [shape=box style=filled fillcolor=lightgray fontname=monospace fontsize=10];
              n0 [label="fc.weight\n(2, 3)" fillcolor=lightblue];
              n1 [label="fc.bias\n(2,)" fillcolor=lightblue];
              n2 [label="linear\n(4, 2)"];
              n3 [label="tanh\n(4, 2)"];
              n4 [label="sum\n()"];
              n5 [label="()" fillcolor=darkolivegreen1];
              n0 -> n2;
              n1 -> n2;
              n2 -> n3;
              n3 -> n4;
              n4 -> n5;
            }

            """.ReplaceLineEndings("\n"), AutogradGraph.Of(y, net).ToDot());
    }

    [Fact]
    public void A_small_network_in_Mermaid()
    {
        (Sequential net, Tensor y) = Small();
        Assert.Equal("""
            flowchart TD
              n0(["fc.weight<br/>(2, 3)"])
              n1(["fc.bias<br/>(2,)"])
              n2["linear<br/>(4, 2)"]
              n3["tanh<br/>(4, 2)"]
              n4["sum<br/>()"]
              n5{{"()"}}
              n0 --> n2
              n1 --> n2
              n2 --> n3
              n3 --> n4
              n4 --> n5

            """.ReplaceLineEndings("\n"), AutogradGraph.Of(y, net).ToMermaid());
    }

    [Fact]
    public void The_same_program_gives_the_same_text_whatever_ran_before()
    {
        string first = AutogradGraph.Of(Small().Y).ToDot();
        (Sequential net, _) = Small();
        Tensor later = net[0].GetParameter("bias").Exp();                       // whose leaf is older than the weight's now
        Assert.Equal(first, AutogradGraph.Of(net.Call(Tensor.Ones(4, 3)).Sum()).ToDot());
        Assert.Equal(["", ""], AutogradGraph.Of(net[0].GetParameter("bias")).Vertices.Select(v => v.Name));
        GC.KeepAlive(later);
    }

    [Fact]
    public void Several_outputs_share_what_they_have_in_common_and_a_leaf_used_in_two_graphs_stands_once()
    {
        Tensor x = Tensor.Ones(2).SetRequiresGrad(), h = x * 2, a = h.Exp(), b = h.Sum();
        a.Sum().Backward(retainGraph: true);                                    // ends the leaf's first node
        Tensor c = x.Neg();
        AutogradGraph g = AutogradGraph.Of([a, b, c], new Dictionary<string, Tensor> { ["x"] = x, ["b"] = b });
        Assert.Equal(["x", "mul", "exp", "sum", "neg", "", "b", ""], g.Vertices.Select(v => v.Name));
        Assert.Single(g.Vertices, v => v.Kind == AutogradGraph.VertexKind.Leaf);
        int id(string name) => g.Vertices.First(v => v.Name == name).Id;
        Assert.Equal([new(id("x"), id("mul")), new(id("mul"), id("exp")), new(id("mul"), id("sum")), new(id("x"), id("neg")), new(id("exp"), 5), new(id("sum"), 6), new(id("neg"), 7)], g.Edges);
    }

    [Fact]
    public void Saved_values_are_shown_if_wanted()
    {
        Tensor x = Tensor.Ones(2, 3).SetRequiresGrad(), w = Tensor.Ones(3).SetRequiresGrad();
        AutogradGraph g = AutogradGraph.Of([(x * w).Exp()], new Dictionary<string, Tensor> { ["w"] = w }, showSaved: true);
        Assert.Equal([("input 0", new Dims([2, 3])), ("w", new Dims([3])), ("result 0", new Dims([2, 3]))],
            g.Vertices.Where(v => v.Kind == AutogradGraph.VertexKind.Saved).Select(v => (v.Name, v.Shapes[0])));
    }

    [Fact]
    public void Names_cannot_break_the_text()
    {
        Tensor x = Tensor.Ones(1).SetRequiresGrad();
        AutogradGraph g = AutogradGraph.Of([x * 2], new Dictionary<string, Tensor> { ["a\"]; \\ <b> #1\n&"] = x });
        Assert.Contains("n0 [label=\"a\\\"]; \\\\ <b> #1\\n&\\n(1,)\" fillcolor", g.ToDot());
        Assert.Contains("n0([\"a#34;]; \\ #60;b#62; #35;1<br/>#38;<br/>(1,)\"])", g.ToMermaid());
    }

    [Fact]
    public void A_graph_100_000_operations_deep_is_walked_without_recursion()
    {
        Tensor x = Tensor.Ones(1).SetRequiresGrad(), y = x;
        for (int i = 0; i < 100_000; i++) y = y * 1.0;
        AutogradGraph g = AutogradGraph.Of(y);
        Assert.Equal(100_002, g.Vertices.Count);
        Assert.Equal(100_001, g.Edges.Count);
        Assert.EndsWith("n100000 -> n100001;\n}\n", g.ToDot());
    }

    [Fact]
    public void A_tensor_without_a_graph_is_refused() =>
        Assert.Contains("does not require grad", Assert.Throws<InvalidOperationException>(() => AutogradGraph.Of(Tensor.Ones(2))).Message);
}
