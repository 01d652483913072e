using System.Globalization;
using System.Text;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau;

/// <summary>
/// The tape behind tensors as a graph to look at: operations, the leaves where gradients end, and the outputs, as text for Graphviz or Mermaid.
/// What the package <c>torchviz</c> does for PyTorch with <c>make_dot</c>.
/// </summary>
/// <remarks>
/// Vertices are numbered in the order in which operations were applied, leaves before the first that takes them, so that the same program gives the same text. Edges go the way that
/// values went: from inputs to results. Graphs of any depth are walked, without recursion.
/// </remarks>
/// <example><code>
/// File.WriteAllText("net.dot", AutogradGraph.Of(net.Call(x), net).ToDot());   // dot -Tsvg net.dot > net.svg
/// </code></example>
public sealed class AutogradGraph
{
    /// <summary>What a vertex stands for.</summary>
    public enum VertexKind
    {
        /// <summary>An operation.</summary>
        Operation,

        /// <summary>A tensor that was not computed, and to which gradients flow: a parameter, an input.</summary>
        Leaf,

        /// <summary>A value that an operation keeps for the backward pass.</summary>
        Saved,

        /// <summary>A tensor whose graph this is.</summary>
        Output,
    }

    /// <summary>A point of the graph.</summary>
    /// <param name="Id">Its number, from 0.</param>
    /// <param name="Kind">What it stands for.</param>
    /// <param name="Name">The operation's name, or the tensor's where one is known.</param>
    /// <param name="Shapes">The shapes of its results.</param>
    public sealed record Vertex(int Id, VertexKind Kind, string Name, IReadOnlyList<Dims> Shapes)
    {
        /// <summary>Name and shapes on two lines.</summary>
        internal string Label(string newLine) => string.Join(newLine, ((string[])[Name, string.Join(", ", Shapes)]).Where(s => s.Length > 0));
    }

    /// <summary>From what makes a value to what takes it.</summary>
    /// <param name="From">The maker's number.</param>
    /// <param name="To">The taker's number.</param>
    public readonly record struct Edge(int From, int To);

    AutogradGraph(IReadOnlyList<Vertex> vertices, IReadOnlyList<Edge> edges) => (Vertices, Edges) = (vertices, edges);

    /// <summary>The vertices in the order of their numbers, outputs last.</summary>
    public IReadOnlyList<Vertex> Vertices { get; }

    /// <summary>The edges, by the taker, in the order of its inputs.</summary>
    public IReadOnlyList<Edge> Edges { get; }

    /// <summary>The graph behind one tensor.</summary>
    /// <param name="output">The tensor.</param>
    /// <param name="model">A module whose parameters' names leaves take.</param>
    /// <param name="showSaved">Whether values kept for the backward pass are shown.</param>
    /// <exception cref="InvalidOperationException">The tensor does not require grad: there is no graph.</exception>
    public static AutogradGraph Of(Tensor output, Module? model = null, bool showSaved = false) =>
        Of([output], model?.NamedParameters().ToDictionary(p => p.Name, Tensor (p) => p.Value), showSaved);

    /// <summary>The graph behind several tensors.</summary>
    /// <param name="outputs">The tensors.</param>
    /// <param name="names">Names for leaves and outputs.</param>
    /// <param name="showSaved">Whether values kept for the backward pass are shown.</param>
    /// <exception cref="ArgumentException">There is no output.</exception>
    /// <exception cref="InvalidOperationException">An output does not require grad: it has no graph.</exception>
    public static AutogradGraph Of(IReadOnlyList<Tensor> outputs, IReadOnlyDictionary<string, Tensor>? names = null, bool showSaved = false)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        if (outputs.Count == 0) throw new ArgumentException("AutogradGraph: give at least one tensor.", nameof(outputs));
        foreach (Tensor y in outputs)
            if (!y.RequiresGrad)
                throw new InvalidOperationException($"AutogradGraph: the tensor of shape {y.Shape} does not require grad and has no graph. Compute it outside NoGrad, from tensors that require gradients.");
        Dictionary<Tensor, string> named = new(ReferenceEqualityComparer.Instance);
        foreach ((string name, Tensor t) in names ?? new Dictionary<string, Tensor>()) named.TryAdd(t, name);

        List<Vertex> vertices = [];
        List<Edge> edges = [];
        Dictionary<object, int> ids = new(ReferenceEqualityComparer.Instance);   // a node, or a leaf, which may have several nodes
        foreach (Node n in Operations(outputs))
        {
            foreach (Node.InputSlot e in n.Inputs) if (e.Next is { Leaf: { } leaf }) AddLeaf(leaf);
            int id = vertices.Count;
            ids.Add(n, id);
            vertices.Add(new(id, VertexKind.Operation, n.Name, [.. n.Results.Select(r => r.Layout.Shape)]));
            foreach (Node.InputSlot e in n.Inputs) if (e.Next is not null) edges.Add(new(ids[Key(e.Next)], id));
            if (!showSaved) continue;
            for (int i = 0; i < n.Inputs.Length; i++) Keep(n.Inputs[i].Saved.Plain, $"input {i}", id);
            for (int i = 0; i < n.Results.Length; i++) Keep(n.Results[i].Saved.Plain, $"result {i}", id);
        }
        foreach (Tensor y in outputs) if (y.IsLeaf) AddLeaf(y);
        foreach (Tensor y in outputs)
        {
            edges.Add(new(ids[Key(y.GradEdge().Node)], vertices.Count));
            vertices.Add(new(vertices.Count, VertexKind.Output, named.GetValueOrDefault(y, ""), [y.Shape]));
        }
        return new(vertices, edges);

        void AddLeaf(Tensor leaf)
        {
            if (!ids.TryAdd(leaf, vertices.Count)) return;
            vertices.Add(new(vertices.Count, VertexKind.Leaf, named.GetValueOrDefault(leaf, ""), [leaf.Shape]));
        }

        void Keep(Tensor? saved, string what, int by)
        {
            if (saved is null) return;
            edges.Add(new(vertices.Count, by));
            vertices.Add(new(vertices.Count, VertexKind.Saved, named.GetValueOrDefault(saved, what), [saved.Shape]));
        }
    }

    static object Key(Node n) => n.Leaf ?? (object)n;

    /// <summary>All operations behind the outputs, makers before takers.</summary>
    static List<Node> Operations(IReadOnlyList<Tensor> outputs)
    {
        HashSet<Node> seen = [];
        Stack<Node> todo = new();
        foreach (Tensor y in outputs) todo.Push(y.GradEdge().Node);
        while (todo.TryPop(out Node? n))
            if (seen.Add(n))
                foreach (Node.InputSlot e in n.Inputs) if (e.Next is not null) todo.Push(e.Next);
        List<Node> all = [.. seen.Where(n => n.Leaf is null)];              // how old a leaf's node is, depends on what was done with it before
        all.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        return all;
    }

    /// <summary>The graph in Graphviz's language: <c>dot -Tsvg graph.dot > graph.svg</c>. Leaves are blue, saved values orange, outputs green.</summary>
    public string ToDot()
    {
        StringBuilder s = new("digraph {\n  node [shape=box style=filled fillcolor=lightgray fontname=monospace fontsize=10];\n");
        foreach (Vertex v in Vertices)
        {
            Write(s, $"  n{v.Id} [label=\"{v.Label("\n").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"");
            s.Append(v.Kind switch { VertexKind.Leaf => " fillcolor=lightblue", VertexKind.Saved => " fillcolor=orange", VertexKind.Output => " fillcolor=darkolivegreen1", _ => "" }).Append("];\n");
        }
        foreach (Edge e in Edges) Write(s, $"  n{e.From} -> n{e.To};\n");
        return s.Append("}\n").ToString();
    }

    /// <summary>The graph in Mermaid's language, which Markdown pages show: leaves have round ends, saved values slanted sides, outputs are hexagons.</summary>
    public string ToMermaid()
    {
        StringBuilder s = new("flowchart TD\n");
        foreach (Vertex v in Vertices)
        {
            (string open, string close) = v.Kind switch { VertexKind.Leaf => ("([", "])"), VertexKind.Saved => ("[/", "/]"), VertexKind.Output => ("{{", "}}"), _ => ("[", "]") };
            Write(s, $"  n{v.Id}{open}\"{Escaped(v.Label("\n"))}\"{close}\n");
        }
        foreach (Edge e in Edges) Write(s, $"  n{e.From} --> n{e.To}\n");
        return s.ToString();

        // Mermaid knows entities by number: #34; is a quotation mark.
        static string Escaped(string label) => label.Replace("#", "#35;", StringComparison.Ordinal).Replace("&", "#38;", StringComparison.Ordinal).Replace("\"", "#34;", StringComparison.Ordinal)
            .Replace("<", "#60;", StringComparison.Ordinal).Replace(">", "#62;", StringComparison.Ordinal).Replace("\n", "<br/>", StringComparison.Ordinal);
    }

    static void Write(StringBuilder s, FormattableString line) => s.Append(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>As <see cref="ToMermaid"/>.</summary>
    public override string ToString() => ToMermaid();
}
