using System.Text.Json;
using Flambeau.Nn;
using Flambeau.Tests.IO;
using Xunit;

namespace Flambeau.Tests.Tape;

/// <summary>A profiler sees all threads: these tests run alone.</summary>
[CollectionDefinition(nameof(ProfilerTests), DisableParallelization = true)]
[Collection(nameof(ProfilerTests))]
public sealed class ProfilerTests
{
    static Tensor Step(Tensor x, Tensor w)
    {
        Tensor y = x.MatMul(w).Relu().Sum();
        y.Backward();
        return y;
    }

    static (Tensor X, Tensor W) Data() => (Tensor.Ones(8, 16), Tensor.Ones(16, 4).SetRequiresGrad());

    static ProfilerAverages.Row Row(ProfilerAverages rows, string name) => Assert.Single(rows, r => r.Name == name);

    [Fact]
    public void It_counts_operations_forward_and_backward_and_what_derivatives_are_made_of()
    {
        (Tensor x, Tensor w) = Data();
        using Profiler p = Profiler.Start(recordShapes: true, profileMemory: true);
        for (int i = 0; i < 3; i++) Step(x, w);
        p.Stop();
        ProfilerAverages rows = p.KeyAverages();
        Assert.Equal((3, ProfilerEventKind.Operation), (Row(rows, "relu").Count, Row(rows, "relu").Kind));
        Assert.Equal((3, ProfilerEventKind.Backward), (Row(rows, "MatmulBackward").Count, Row(rows, "MatmulBackward").Kind));
        Assert.Equal(6, Row(rows, "matmul").Count);                              // 3 forward, and in each backward the weight's gradient
        Assert.Equal(3 * (8 * 16 * 4) + 3 * (16 * 8 * 4), Row(rows, "matmul").MultiplyAdds);
        Assert.Equal(3 * 8 * 4 * 4, Row(rows, "relu").SelfBytes);
        Assert.Equal(3 * 16 * 4 * 4, Row(rows, "MatmulBackward").TotalBytes);
        Assert.Equal(0, Row(rows, "MatmulBackward").SelfBytes);                 // all of it in matmul
        ProfilerEvent inner = p.Events.First(e => e.Name == "matmul" && e.Parent is not null);
        Assert.Equal("MatmulBackward", inner.Parent!.Name);
        Assert.Equal([new Dims([16, 8]), new Dims([8, 4])], inner.InputShapes);
    }

    [Fact]
    public void Times_add_up_and_events_lie_within_those_they_are_part_of()
    {
        (Tensor x, Tensor w) = Data();
        using Profiler p = Profiler.Start();
        using (Profiler.RecordFunction("outer"))
        using (Profiler.RecordFunction("inner", "words")) Step(x, w);
        p.Stop();
        Assert.Equal("words", p.Events.Single(e => e.Name == "inner").Args);
        Assert.Equal("outer", p.Events.Single(e => e.Name == "inner").Parent!.Name);
        foreach (ProfilerEvent e in p.Events)
        {
            ProfilerEvent[] parts = [.. p.Events.Where(x => ReferenceEquals(x.Parent, e))];
            Assert.InRange((e.Duration - e.SelfTime - new TimeSpan(parts.Sum(x => x.Duration.Ticks))).Ticks, -parts.Length - 1, parts.Length + 1);   // each is rounded to 100 ns
            Assert.All(parts, x => Assert.True(x.Start >= e.Start && x.Start + x.Duration <= e.Start + e.Duration + new TimeSpan(2)));
        }
        ProfilerEvent outer = p.Events.Single(e => e.Name == "outer");
        Assert.InRange((p.KeyAverages().SelfTimeTotal - outer.Duration).Ticks, -p.Events.Count - 1, p.Events.Count + 1);
    }

    [Fact]
    public void It_sees_all_threads()
    {
        using Profiler p = Profiler.Start();
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() => { (Tensor x, Tensor w) = Data(); Step(x, w); }))];
        foreach (Thread t in threads) t.Start();
        foreach (Thread t in threads) t.Join();
        p.Stop();
        Assert.Equal(4, p.Events.Where(e => e.Name == "ReluBackward").Select(e => e.ThreadId).Distinct().Count());
        Assert.All(p.Events, e => Assert.Equal(e.ThreadId, e.Parent?.ThreadId ?? e.ThreadId));
    }

    [Fact]
    public void Nothing_watches_when_it_is_over_and_there_is_one_at_a_time()
    {
        using (Profiler p = Profiler.Start(withModules: true, profileMemory: true))
        {
            Assert.NotNull(Ops.Watcher.All);
            Assert.Contains("another one is running", Assert.Throws<InvalidOperationException>(() => Profiler.Start()).Message);
        }
        Assert.Null(Ops.Watcher.All);
        long before = Storage.Requested;
        using (Profiler.RecordFunction("nothing")) Tensor.Ones(10);
        Assert.Equal(before, Storage.Requested);
        using Profiler next = Profiler.Start();
        next.Stop();
        next.Stop();
        Assert.Empty(next.Events);
        Assert.Throws<InvalidOperationException>(next.Step);
        Assert.Contains("recordShapes", Assert.Throws<InvalidOperationException>(() => next.KeyAverages(groupByInputShape: true)).Message);
    }

    [Fact]
    public void Modules_are_events_too_if_wanted_also_when_they_fail()
    {
        Sequential net = new(new Linear(3, 2), new Tanh());
        using Profiler p = Profiler.Start(withModules: true);
        net.Call(Tensor.Ones(1, 3));
        Assert.Throws<ArgumentException>(() => net.Call(Tensor.Ones(1, 4)));
        Tensor.Ones(1).Neg();
        p.Stop();
        Assert.Equal([("Sequential", null), ("Linear", "Sequential"), ("linear", "Linear"), ("Tanh", "Sequential"), ("tanh", "Tanh"), ("Sequential", null), ("Linear", "Sequential"), ("linear", "Linear"), ("neg", null)],
            p.Events.Select(e => (e.Name, e.Parent?.Name)).Where(e => e.Item1 is not "fill"));
    }

    [Fact]
    public void Events_are_grouped_by_shape_if_wanted()
    {
        using Profiler p = Profiler.Start(recordShapes: true);
        foreach (int n in (int[])[2, 3, 2]) Tensor.Ones(n).Exp();
        p.Stop();
        Assert.Equal([("(2,)", 2), ("(3,)", 1)], p.KeyAverages(groupByInputShape: true).Where(r => r.Name == "exp").Select(r => (string.Join(";", r.InputShapes), r.Count)));
        Assert.Equal(3, Row(p.KeyAverages(), "exp").Count);
        Assert.Contains("[(3,)]", p.KeyAverages(groupByInputShape: true).Table());
    }

    [Fact]
    public void The_table_is_sorted_limited_and_headed()
    {
        using Profiler p = Profiler.Start();
        Tensor x = Tensor.Ones(300, 300);
        x.MatMul(x);
        for (int i = 0; i < 5; i++) Tensor.Ones(2).Exp();
        p.Stop();
        string[] lines = p.KeyAverages().Table("count", rowLimit: 1, header: "hello").Split('\n');
        Assert.Equal("hello", lines[0]);
        Assert.StartsWith("Name", lines[1]);
        Assert.StartsWith("exp", lines[3].Replace("fill", "exp", StringComparison.Ordinal));
        Assert.StartsWith("────", lines[4]);
        Assert.StartsWith("Self CPU time total: ", lines[5]);
        Assert.StartsWith("matmul", p.KeyAverages().Table("flops").Split('\n')[2]);
        Assert.Contains("27,000,000", p.KeyAverages().ToString());
        Assert.Contains("self_cpu_time_total", Assert.Throws<ArgumentException>(() => p.KeyAverages().Table("beauty")).Message);
    }

    [Fact]
    public void The_trace_is_what_Chrome_and_Perfetto_read()
    {
        using TemporaryFolder folder = new();
        string path = folder["trace.json"], name = "a \"quoted\" \\ ∂ \n <name>";
        using Profiler p = Profiler.Start(recordShapes: true);
        using (Profiler.RecordFunction(name, "é")) Step(Data().X, Data().W);
        p.Stop();
        p.ExportChromeTrace(path);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement[] all = [.. json.RootElement.GetProperty("traceEvents").EnumerateArray()], complete = [.. all.Where(e => e.GetProperty("ph").GetString() == "X")];
        Assert.Equal(p.Events.Select(e => e.Name), complete.Select(e => e.GetProperty("name").GetString()));
        foreach ((ProfilerEvent e, JsonElement j) in p.Events.Zip(complete))
        {
            Assert.Equal(e.Start.TotalMicroseconds, j.GetProperty("ts").GetDouble());
            Assert.Equal(e.Duration.TotalMicroseconds, j.GetProperty("dur").GetDouble());
            Assert.Equal((Environment.ProcessId, e.ThreadId), (j.GetProperty("pid").GetInt32(), j.GetProperty("tid").GetInt32()));
        }
        Assert.Equal("é", complete[0].GetProperty("args").GetProperty("Args").GetString());
        JsonElement matmul = complete.First(e => e.GetProperty("name").GetString() == "matmul");
        Assert.Equal("[[8,16],[16,4]]", matmul.GetProperty("args").GetProperty("Input Dims").GetRawText());
        Assert.Equal(["process_name", "thread_name"], all.Where(e => e.GetProperty("ph").GetString() == "M").Select(e => e.GetProperty("name").GetString()));
        Assert.Throws<IOException>(() => p.ExportChromeTrace(folder.Root));
    }

    [Fact]
    public void A_schedule_waits_warms_up_records_and_repeats()
    {
        var s = Profiler.Schedule(wait: 1, warmup: 1, active: 2, repeat: 2, skipFirst: 1);
        (ProfilerAction none, ProfilerAction warm, ProfilerAction record, ProfilerAction save) = (ProfilerAction.None, ProfilerAction.Warmup, ProfilerAction.Record, ProfilerAction.RecordAndSave);
        Assert.Equal([none, none, warm, record, save, none, warm, record, save, none, none], Enumerable.Range(0, 11).Select(s));
        Assert.Throws<ArgumentException>(() => Profiler.Schedule(1, 1, 0));

        List<string> ready = [];
        Tensor x = Tensor.Ones(2);
        using Profiler p = Profiler.Start(schedule: s, onTraceReady: me => ready.Add(string.Join(" ", me.Events.Select(e => e.Name))));
        for (int i = 0; i < 9; i++)
        {
            if (i % 2 == 0) x.Exp();
            else x.Neg();
            p.Step();
        }
        Assert.Equal(["ProfilerStep#3 neg ProfilerStep#4 exp", "ProfilerStep#7 neg ProfilerStep#8 exp"], ready);
        p.Stop();
        Assert.Equal(2, ready.Count);
        Assert.Equal(4, p.Events.Count);
    }

    [Fact]
    public void What_ends_on_another_thread_or_in_another_order_does_not_disturb()
    {
        using Profiler p = Profiler.Start();
        Profiler.EventScope a = Profiler.RecordFunction("a"), b = Profiler.RecordFunction("b");
        Thread t = new(a.Dispose);
        t.Start();
        t.Join();
        b.Dispose();
        a.Dispose();
        Tensor.Ones(1).Exp();
        p.Stop();
        Assert.Equal([("a", null), ("b", "a"), ("exp", null)], p.Events.Where(e => e.Name != "fill").Select(e => (e.Name, e.Parent?.Name)));
    }

    [Fact]
    public void What_a_transform_carries_out_counts_once_as_what_it_is_carried_out_by()
    {
        (Tensor x, Tensor w) = (Tensor.Ones(5, 8, 16), Tensor.Ones(16, 4));
        using Profiler p = Profiler.Start();
        Func.Vmap(t => t.MatMul(w))(x);
        p.Stop();
        Assert.Equal(5 * 8 * 16 * 4, p.KeyAverages().Sum(r => r.MultiplyAdds));
    }

    [Fact]
    public void In_place_operations_are_events_and_failed_ones_are_over()
    {
        Tensor x = Tensor.Ones(4);
        using Profiler p = Profiler.Start(profileMemory: true);
        x.AddInPlace(1).ExpInPlace();
        Assert.Throws<ArgumentException>(() => x.MatMul(Tensor.Ones(3)));
        x.Neg();
        p.Stop();
        Assert.Equal(["add", "exp", "neg"], p.Events.Where(e => e.Parent is null).Select(e => e.Name).Where(n => n is "add" or "exp" or "neg"));
        Assert.Equal(0, p.Events.Single(e => e.Name == "exp").Bytes);
        Assert.Equal(16, p.Events.Single(e => e.Name == "neg").Bytes);
    }
}
