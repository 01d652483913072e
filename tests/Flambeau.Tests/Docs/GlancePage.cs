using Flambeau.Nn;
using Flambeau.Tests.IO;
using Xunit;

namespace Flambeau.Tests.Docs;

/// <summary>The examples of docs/glance.md.</summary>
[Collection(nameof(Tape.ProfilerTests))]
public sealed class GlancePage
{
    static readonly Sequential net = new(new Linear(784, 128), new Relu(), new Linear(128, 10));
    static readonly Tensor x = Tensor.Ones(32, 784);

    static string Page => File.ReadAllText(Path.Combine(AotTests.Root(), "docs", "glance.md")).ReplaceLineEndings("\n");

    /// <summary>What stands between fences of a language.</summary>
    static IEnumerable<string> Blocks(string language)
    {
        string[] parts = Page.Split("\n```");
        for (int i = 1; i < parts.Length; i += 2)
            if (parts[i].StartsWith(language + "\n", StringComparison.Ordinal)) yield return parts[i][(language.Length + 1)..];
    }

    [Fact]
    public void Every_example_on_the_page_stands_here()
    {
        string[] here = [.. File.ReadAllLines(Path.Combine(AotTests.Root(), "tests", "Flambeau.Tests", "Docs", "GlancePage.cs")).Select(l => l.Trim())];
        string source = string.Join("\n", here);
        Assert.Equal(7, Blocks("csharp").Count());
        foreach (string block in Blocks("csharp")) Assert.Contains(string.Join("\n", block.Split('\n').Select(l => l.Trim())), source);
    }

    [Fact]
    public void A_hook_sees_a_call()
    {
        List<string> seen = [];
        using (net.GetSubmodule("0").RegisterForwardHook((m, inputs, results) => { seen.Add($"{inputs[0]!.Shape} → {results[0]!.Shape}"); return null; }))
            net.Call(x);
        net.Call(x);                                                        // the hook is gone
        Assert.Equal(["(32, 784) → (32, 128)"], seen);
    }

    sealed class Gate : Module
    {
        public Linear Key { get; } = new(4, 4);

        public Tensor Forward(Tensor x, Tensor? mask = null) => Key.Call(x).Sigmoid() * x * (mask ?? Tensor.Ones(1));

        public Tensor Call(Tensor x, Tensor? mask = null) => Invoke([x, mask], t => Forward(t[0]!, t[1]));
    }

    [Fact]
    public void A_summary_is_the_table_on_the_page()
    {
        Summary s = Summary.Of(net, 32, 784);
        Console.WriteLine(s);
        Assert.Equal(Blocks("").Single(), s.ToString().TrimEnd('\n'));
        Gate gate = new();
        Summary both = Summary.Of(gate, g => g.Call(Tensor.Ones(2, 4), Tensor.Zeros(2, 1)));
        Assert.Equal(2 * 16, both.MultiplyAdds);
        Assert.Equal([new Dims([2, 4]), new Dims([2, 1])], both.Rows[0].Inputs);
    }

    [Fact]
    public void A_graph_is_the_picture_on_the_page()
    {
        string dot = AutogradGraph.Of(net.Call(x).Sum(), net).ToDot();      // dot -Tsvg net.dot > net.svg
        string mermaid = AutogradGraph.Of(net.Call(x).Sum(), net).ToMermaid();
        Assert.StartsWith("digraph", dot);
        Assert.Equal(Blocks("mermaid").Single(), mermaid.TrimEnd('\n'));
    }

    [Fact]
    public void A_profiler_measures_and_writes()
    {
        using TemporaryFolder folder = new();
        string path = folder["trace.json"];
        Tensor loss;
        using Profiler p = Profiler.Start(recordShapes: true, profileMemory: true);
        using (Profiler.RecordFunction("forward")) loss = net.Call(x).Sum();
        loss.Backward();
        p.Stop();
        Console.WriteLine(p.KeyAverages().Table(sortBy: "self_cpu_time_total", rowLimit: 10));
        p.ExportChromeTrace(path);                                          // for chrome://tracing and ui.perfetto.dev
        Assert.True(File.Exists(path));
        Assert.Equal(2, p.KeyAverages().Single(r => r.Name == "LinearBackward").Count);
    }

    [Fact]
    public void A_schedule_takes_turns()
    {
        string table = "";
        using Profiler turns = Profiler.Start(schedule: Profiler.Schedule(wait: 1, warmup: 1, active: 2, repeat: 1), onTraceReady: ready => table = ready.KeyAverages().Table());
        for (int step = 0; step < 6; step++)
        {
            net.Call(x).Sum().Backward();
            turns.Step();
        }
        Assert.Contains("ProfilerStep#3", table);
    }
}
