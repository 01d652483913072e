using System.Text;
using Flambeau.IO;
using Xunit;

namespace Flambeau.Tests.IO;

public sealed class CheckpointTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    internal static Checkpoint Sample()
    {
        Checkpoint c = new();
        c.SetTensors("model", new OrderedDictionary<string, Tensor> { ["fc.weight"] = Tensor.Arange(6).Reshape(2, 3), ["fc.bias"] = Tensor.Ones(2) });
        c.Set("optimizer", new OrderedDictionary<string, object?>
        {
            ["state"] = new OrderedDictionary<string, object?> { ["0"] = new Dictionary<string, object?> { ["step"] = 3L, ["exp_avg"] = Tensor.Ones(2, 2) } },
            ["param_groups"] = new List<object?> { new Dictionary<string, object?> { ["lr"] = 0.1, ["betas"] = new[] { 0.9, 0.999 }, ["amsgrad"] = false, ["params"] = new[] { 0, 1 } } },
        });
        c.Set("random", new Dictionary<string, object?> { ["cpu"] = new byte[] { 1, 2, 255 } });
        return c;
    }

    Checkpoint Again(Checkpoint c)
    {
        c.Save(_folder["c"]);
        return Checkpoint.Load(_folder["c"]);
    }

    static void Same(object? expected, object? actual)
    {
        switch (expected)
        {
            case Tensor t: SafeTensorsTests.Same(t, Assert.IsType<Tensor>(actual)); break;
            case double x: Assert.Equal(BitConverter.DoubleToInt64Bits(x), BitConverter.DoubleToInt64Bits(Assert.IsType<double>(actual))); break;
            case OrderedDictionary<string, object?> d:
                var e = Assert.IsType<OrderedDictionary<string, object?>>(actual);
                Assert.Equal(d.Keys, e.Keys);
                foreach (string key in d.Keys) Same(d[key], e[key]);
                break;
            case List<object?> list:
                var other = Assert.IsType<List<object?>>(actual);
                Assert.Equal(list.Count, other.Count);
                for (int i = 0; i < list.Count; i++) Same(list[i], other[i]);
                break;
            default:
                Assert.Equal(expected?.GetType(), actual?.GetType());
                Assert.Equal(expected, actual);
                break;
        }
    }

    static void Same(Checkpoint expected, Checkpoint actual)
    {
        Assert.Equal(expected.Sections, actual.Sections);
        foreach (string section in expected.Sections) Same(expected.Get(section), actual.Get(section));
    }

    [Fact]
    public void Everything_comes_back_as_it_was()
    {
        Checkpoint c = Sample(), d = Again(c);
        Same(c, d);
        Assert.Equal(["fc.weight", "fc.bias"], d.GetTensors("model").Keys);
        Same(new Checkpoint(), Again(new Checkpoint()));
    }

    [Fact]
    public void Values_keep_their_type_and_bits()
    {
        Checkpoint c = new();
        c.Set("values", new OrderedDictionary<string, object?>
        {
            ["long"] = new[] { 0L, 1, -1, long.MinValue, long.MaxValue },
            ["double"] = new[]
            {
                0.0, -0.0, 1, -1, 0.1, 1e16, 1e-8, 1e300, double.Epsilon, double.MaxValue, double.MinValue, 9007199254740993,
                double.NaN, double.PositiveInfinity, double.NegativeInfinity, BitConverter.Int64BitsToDouble(0x7ff0000000000123),
            },
            ["text"] = new[] { "", "null", "1.0", "\0\"\\/層🔥", "$tensor" },
            ["nothing"] = new List<object?> { null, true, false, new List<object?>(), new Dictionary<string, object?>(), Array.Empty<byte>() },
            ["marks"] = new OrderedDictionary<string, object?> { ["$tensor"] = true, ["$$tensor"] = true, ["$bytes"] = true, ["$"] = 1L },
            ["mark"] = new OrderedDictionary<string, object?> { ["$tensor"] = true },
            ["double mark"] = new OrderedDictionary<string, object?> { ["$double"] = "7ff8000000000000" },
        });
        Same(c, Again(c));
    }

    [Fact]
    public void Int_and_float_become_long_and_double()
    {
        Checkpoint c = new();
        c.Set("a", new Dictionary<string, object?> { ["int"] = 3, ["float"] = 0.1f });
        Assert.Equal(3L, Again(c).Get("a")["int"]);
        Assert.Equal((double)0.1f, Again(c).Get("a")["float"]);
    }

    [Fact]
    public void Names_that_look_like_paths_stay_apart()
    {
        Checkpoint c = new();
        c.Set("a/b", new Dictionary<string, object?> { ["c"] = Tensor.FromScalar(1), [""] = Tensor.FromScalar(2) });
        c.Set("a", new OrderedDictionary<string, object?>
        {
            ["b/c"] = Tensor.FromScalar(3), ["b"] = new Dictionary<string, Tensor> { ["c"] = Tensor.FromScalar(4) },
            ["b~1c"] = Tensor.FromScalar(5), ["b~0"] = Tensor.FromScalar(6), ["l"] = new[] { Tensor.FromScalar(7) }, ["l/0"] = Tensor.FromScalar(8),
        });
        Same(c, Again(c));
    }

    [Fact]
    public void Other_programs_find_the_tensors_by_name()
    {
        Sample().Save(_folder["c"]);
        SafeTensorsFile file = SafeTensors.Load(_folder["c"]);
        Assert.Equal(["model/fc.weight", "model/fc.bias", "optimizer/state/0/exp_avg", "random/cpu"], file.Tensors.Keys);
    }

    [Fact]
    public void A_generator_goes_on_from_its_state()
    {
        Generator g = new(5);
        Tensor.Randn([3], null, g);
        Checkpoint c = new();
        c.Set("random", new Dictionary<string, object?> { ["cpu"] = g.GetState() });
        Generator h = new();
        h.SetState((byte[])Again(c).Get("random")["cpu"]!);
        SafeTensorsTests.Same(Tensor.Randn([7], null, g), Tensor.Randn([7], null, h));
    }

    [Fact]
    public void What_a_checkpoint_does_not_hold_is_named()
    {
        Checkpoint c = new();
        ArgumentException e = Assert.Throws<ArgumentException>(() => c.Set("a", new Dictionary<string, object?> { ["b"] = new object?[] { 1, new { } } }));
        Assert.Contains("'a/b/1'", e.Message);
        e = Assert.Throws<ArgumentException>(() => c.Set("a", new Dictionary<string, object?> { ["b"] = new Dictionary<int, double> { [1] = 2 } }));
        Assert.Contains("dictionary by System.Int32", e.Message);
        Dictionary<string, object?> endless = [];
        endless["x"] = endless;
        e = Assert.Throws<ArgumentException>(() => c.Set("a", endless));
        Assert.Contains("deeper", e.Message);
        Assert.Throws<ArgumentException>(() => c.Set("", new Dictionary<string, object?>()));
        Assert.Throws<ArgumentException>(() => c.SetTensors("a", new Dictionary<string, Tensor> { ["b"] = null! }));
        Assert.Empty(c.Sections);
        c.Set("a", new Dictionary<string, object?> { ["b"] = "\ud800" });
        Assert.Throws<ArgumentException>(() => c.Save(_folder["c"]));
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void The_deepest_tree_comes_back()
    {
        object? tree = Tensor.FromScalar(1);
        for (int i = 0; i < StateTree.MostDepth; i++) tree = i % 2 == 0 ? new object?[] { tree } : new Dictionary<string, object?> { ["x"] = tree };
        Checkpoint c = new();
        c.Set("a", new Dictionary<string, object?> { ["x"] = tree });
        Same(c, Again(c));
    }

    [Fact]
    public void Missing_sections_and_values_among_tensors_are_told()
    {
        Checkpoint c = Sample();
        Assert.Contains("model, optimizer, random", Assert.Throws<KeyNotFoundException>(() => c.Get("scheduler")).Message);
        Assert.Contains("'cpu'", Assert.Throws<InvalidDataException>(() => c.GetTensors("random")).Message);
        Assert.True(c.Contains("model"));
        Assert.False(c.Contains("scheduler"));
    }

    [Fact]
    public void Any_altered_byte_and_any_cut_is_refused()
    {
        Sample().Save(_folder["c"]);
        byte[] good = File.ReadAllBytes(_folder["c"]);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= (byte)(1 << (i % 8));
            Assert.Contains("altered", Assert.Throws<InvalidDataException>(() => Checkpoint.Load(new MemoryStream(bad), "it")).Message);
            Assert.Contains("truncated", Assert.Throws<InvalidDataException>(() => Checkpoint.Load(new MemoryStream(good[..i]), "it")).Message);
        }
    }

    [Fact]
    public void Other_files_are_no_checkpoints()
    {
        SafeTensors.Save(_folder["a"], new Dictionary<string, Tensor> { ["a"] = Tensor.Ones(2) });
        Assert.Contains("plain safetensors", Assert.Throws<InvalidDataException>(() => Checkpoint.Load(_folder["a"])).Message);
        File.WriteAllText(_folder["a"], "PK and so on, much longer than a header's length");
        Assert.Throws<InvalidDataException>(() => Checkpoint.Load(_folder["a"]));
        Assert.Throws<FileNotFoundException>(() => Checkpoint.Load(_folder["b"]));
    }

    [Theory]
    [InlineData("{", "not as Flambeau writes")]
    [InlineData("[]", "no object")]
    [InlineData("{\"a\":1}", "no object")]
    [InlineData("{}", "belongs nowhere")]
    [InlineData("{\"a\":{\"x\":{\"$tensor\":true},\"y\":{\"$tensor\":true}}}", "'a/y' is missing")]
    [InlineData("{\"a\":{\"x\":{\"$bytes\":true}}}", "should be bytes")]
    [InlineData("{\"a\":{\"x\":{\"$tensor\":true},\"y\":{\"$double\":\"z\"}}}", "bits of a double")]
    [InlineData("{\"a\":{\"x\":{\"$tensor\":true},\"y\":1e999}}", "beyond a double")]
    [InlineData("{\"a\":{\"x\":{\"$tensor\":true},\"y\":1,\"$y\":2}}", "twice")]
    [InlineData("{\"a\":{\"x\":{\"$tensor\":true},\"y\":1,\"y\":2}}", "not as Flambeau writes")]
    [InlineData("{\"a\":{\"x\":{\"$tensor\":true},\"y\":\"\\ud800\"}}", "Unicode")]
    public void Wrong_sections_are_refused_even_with_the_right_digest(string sections, string reason)
    {
        Forge(_folder["c"], new() { ["sha256"] = new('0', 64), ["format"] = "flambeau.checkpoint/1", ["sections"] = sections });
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Checkpoint.Load(_folder["c"])).Message);
    }

    [Fact]
    public void A_later_format_is_named()
    {
        Forge(_folder["c"], new() { ["sha256"] = new('0', 64), ["format"] = "flambeau.checkpoint/2", ["sections"] = "{}" });
        Assert.Contains("flambeau.checkpoint/2", Assert.Throws<InvalidDataException>(() => Checkpoint.Load(_folder["c"])).Message);
    }

    static void Forge(string path, OrderedDictionary<string, string> metadata)
    {
        SafeTensors.Save(path, new Dictionary<string, Tensor> { ["a/x"] = Tensor.Ones(1) }, metadata);
        byte[] file = File.ReadAllBytes(path);
        Sign(file);
        File.WriteAllBytes(path, file);
    }

    /// <summary>Puts the right digest in.</summary>
    internal static void Sign(byte[] file)
    {
        const int start = 35, end = start + 64;
        if (file.Length < end) return;
        byte[] digest = System.Security.Cryptography.SHA256.HashData([.. file[..start], .. file[end..]]);
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(digest)).CopyTo(file, start);
    }
}
