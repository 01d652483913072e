using System.Numerics;
using System.Text;
using Flambeau.Conformance;
using Flambeau.IO;
using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.IO;

public sealed class TorchFileTests : IDisposable
{
    static readonly Conformance.Corpus Checkpoints = Conformance.Corpus.OfProject("checkpoints");

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static MemoryStream Recorded(string name) => new(Checkpoints.Bytes(name));

    static OrderedDictionary<object, object?> Dictionary(object? tree) => Assert.IsType<OrderedDictionary<object, object?>>(tree);

    [Theory, InlineData("cnn"), InlineData("encoder"), InlineData("tagger"), InlineData("squeezenet1_1")]
    public void Models_with_weights_from_a_file_compute_what_PyTorch_computed(string name)
    {
        Conformance.Recorded io = Checkpoints.Read(name + ".io.safetensors");
        Func<Tensor, Tensor> model = CheckpointModels.Make(TorchFile.LoadStateDict(Recorded(name + ".pt")))!;
        float[] expected = io.Tensor(io.Case["output"]).ToArray<float>(), y = model(io.Tensor(io.Case["input"])).ToArray<float>();
        Assert.Equal(expected.Length, y.Length);
        for (int i = 0; i < y.Length; i++) Assert.Equal(expected[i], y[i], 1e-5 + 1e-4 * Math.Abs(expected[i]));
    }

    [Theory, InlineData("cnn"), InlineData("tagger")]
    public void A_TorchScript_archive_gives_the_same_weights(string name)
    {
        var plain = TorchFile.LoadStateDict(Recorded(name + ".pt"));
        var script = TorchFile.LoadStateDict(Recorded(name + ".torchscript.pt"));
        foreach ((string key, Tensor t) in plain)
            if (!key.EndsWith("num_batches_tracked", StringComparison.Ordinal)) Assert.Equal(t.ToArray<float>(), script[key].ToArray<float>());
        Assert.Empty(script.Keys.Except(plain.Keys));
    }

    [Theory, InlineData("odd.pt"), InlineData("odd.legacy.pt")]
    public void Every_kind_of_value_is_read(string name)
    {
        var d = Dictionary(TorchFile.Load(Recorded(name)));
        Tensor @base = (Tensor)d["base"]!, view = (Tensor)d["view"]!, transposed = (Tensor)d["transposed"]!;
        Assert.Equal([6, 8, 10, 12, 14, 16], view.ToArray<int>());
        Assert.Equal([1, 6], transposed.Strides.ToArray());
        view.FillInPlace(-1);
        Assert.Equal(-1, @base[1, 2].Item<float>());
        Assert.Equal(-1, transposed[4, 2].Item<float>());
        Assert.Equal(3.5f, ((Tensor)d["scalar"]!).Item<float>());
        Assert.Equal([0L, 4], ((Tensor)d["empty"]!).Shape);
        foreach (DType t in Enum.GetValues<DType>())
        {
            Tensor x = (Tensor)d[t.ToString().ToLowerInvariant()]!;
            Assert.Equal(t, x.DType);
            Assert.Equal([0, 1, t == DType.Bool ? 1 : 2], x.ToArray<Complex>());
        }
        Assert.True(Assert.IsType<Parameter>(d["param"]).RequiresGrad);
        Assert.Equal(1099511627776L, d["big_int"]);
        Assert.Equal("naïve 火", d["unicode"]);
        Assert.Equal(new Dims([2, 3]), d["size"]);
        var nested = Dictionary(d["nested"]);
        Assert.Equal([3L, "text", null, true, 2.5], Assert.IsType<List<object?>>(nested["list"])[1..]);
        Assert.Equal(1L, Assert.IsType<object?[]>(nested["tuple"])[1]);
        var optimizer = Dictionary(d["optimizer"]);
        var group = Dictionary(Assert.IsType<List<object?>>(optimizer["param_groups"])[0]);
        Assert.Equal([0.9, 0.999], Assert.IsType<object?[]>(group["betas"]));
        Assert.Equal([0.001f, 0.001f], ((Tensor)Dictionary(Dictionary(optimizer["state"])[1L])["exp_avg_sq"]!).ToArray<float>());
    }

    [Fact]
    public void What_is_saved_is_read_again()
    {
        Tensor x = Tensor.Arange(12, DType.Float32).Reshape(3, 4);
        OrderedDictionary<object, object?> content = new()
        {
            ["x"] = x, ["row"] = x[1], ["turned"] = x.T, ["one"] = Tensor.Arange(100)[90..], ["number"] = Tensor.FromScalar(2.5, DType.BFloat16), ["none"] = Tensor.Zeros(0, 3),
            ["complex"] = Tensor.From([new Complex(1, -2)]), ["weight"] = new Parameter(Tensor.Ones(2)), ["frozen"] = new Parameter(Tensor.Ones(2), requiresGrad: false),
            ["list"] = new List<object?> { 1L, -1L, 300L, 1L << 40, long.MinValue, BigInteger.Pow(2, 70), 0.1, double.NaN, true, null, "é\n" }, ["tuple"] = new object?[] { 1L, "a" },
            ["set"] = new HashSet<object?> { 1L, "a" }, ["bytes"] = new byte[] { 0, 255, 10 }, ["size"] = new Dims([2, 3]), ["type"] = DType.Int16, ["z"] = new Complex(1, 2), ["device"] = new TorchDevice("cuda", 1),
            [7L] = new Dictionary<string, int> { ["k"] = 3 },
        };
        TorchFile.Save(_folder["f.pt"], content);
        var d = Dictionary(TorchFile.Load(_folder["f.pt"]));
        Assert.Equal(content.Keys, d.Keys);
        Tensor y = (Tensor)d["x"]!;
        Assert.Equal(x.ToArray<float>(), y.ToArray<float>());
        Assert.Same(y.Storage, ((Tensor)d["row"]!).Storage);
        Assert.Equal([1, 4], ((Tensor)d["turned"]!).Strides.ToArray());
        Assert.Equal(80, ((Tensor)d["one"]!).Storage.ByteLength);               // of a part, only the part
        Assert.Equal(95, ((Tensor)d["one"]!)[5].Item<long>());
        Assert.Equal(2.5, ((Tensor)d["number"]!).Item<double>());
        Assert.Equal([0L, 3], ((Tensor)d["none"]!).Shape);
        Assert.Equal(new Complex(1, -2), ((Tensor)d["complex"]!).Item<Complex>());
        Assert.True(Assert.IsType<Parameter>(d["weight"]).RequiresGrad);
        Assert.False(Assert.IsType<Parameter>(d["frozen"]).RequiresGrad);
        Assert.Equal((List<object?>)content["list"]!, Assert.IsType<List<object?>>(d["list"]));
        Assert.Equal([1L, "a"], Assert.IsType<object?[]>(d["tuple"]));
        Assert.True(((HashSet<object?>)content["set"]!).SetEquals((HashSet<object?>)d["set"]!));
        Assert.Equal((byte[])[0, 255, 10], d["bytes"]);
        Assert.Equal(new Dims([2, 3]), d["size"]);
        Assert.Equal(DType.Int16, d["type"]);
        Assert.Equal(new Complex(1, 2), d["z"]);
        Assert.Equal(new TorchDevice("cuda", 1), d["device"]);
        Assert.Equal(3L, Dictionary(d[7L])["k"]);
    }

    [Fact]
    public void A_module_is_saved_and_loaded_by_name()
    {
        Sequential a = new(new Linear(3, 4), new Tanh(), new Linear(4, 2)), b = new(new Linear(3, 4), new Tanh(), new Linear(4, 2));
        TorchFile.Save(_folder["m.pt"], a.StateDict());
        b.LoadStateDict(TorchFile.LoadStateDict(_folder["m.pt"]));
        Tensor x = Tensor.Ones(1, 3);
        Assert.Equal(a.Forward(x).ToArray<float>(), b.Forward(x).ToArray<float>());
        TorchFile.Save(_folder["all.pt"], new Dictionary<string, object?> { ["epoch"] = 3, ["state_dict"] = a.StateDict(), ["ema"] = new List<object?> { Tensor.Ones(1) } });
        Assert.Equal(a.StateDict().Keys, TorchFile.LoadStateDict(_folder["all.pt"]).Keys);
        Assert.Equal(["0"], TorchFile.LoadStateDict(_folder["all.pt"], section: "ema").Keys);
        Assert.Contains("epoch, state_dict, ema", Assert.Throws<InvalidDataException>(() => TorchFile.LoadStateDict(_folder["all.pt"], section: "optimizer")).Message);
    }

    [Fact]
    public void What_cannot_be_saved_is_refused_before_a_file_is_made()
    {
        Assert.Throws<ArgumentException>(() => TorchFile.Save(_folder["x.pt"], new Dictionary<string, object?> { ["a"] = new Uri("http://a") }));
        List<object?> self = [];
        self.Add(self);
        Assert.Throws<ArgumentException>(() => TorchFile.Save(_folder["x.pt"], self));
        Assert.False(File.Exists(_folder["x.pt"]));
    }

    [Fact]
    public void More_tensors_are_saved_than_a_plain_zip_archive_counts()
    {
        const int n = 66_000;
        OrderedDictionary<string, Tensor> many = new(n);
        for (int i = 0; i < n; i++) many.Add($"t{i}", Flambeau.Tensor.From([i]));
        TorchFile.Save(_folder["many.pt"], many);
        var read = TorchFile.LoadStateDict(_folder["many.pt"]);
        Assert.Equal(n, read.Count);
        Assert.Equal(n - 1, read[$"t{n - 1}"].Item<int>());
    }

    // ---- what is refused ----

    /// <summary>A file of the old form with this pickle as its object.</summary>
    static MemoryStream Legacy(string pickle)
    {
        byte[] start = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.', 0x80, 2, (byte)'M', 0xe9, 3, (byte)'.', 0x80, 2, (byte)'}', (byte)'.'];
        return new([.. start, .. Encoding.Latin1.GetBytes(pickle), 0x80, 2, (byte)']', (byte)'.']);
    }

    static object? Read(string pickle) => TorchFile.Load(Legacy(pickle));

    static string Refusal(string pickle) => Assert.Throws<InvalidDataException>(() => Read(pickle)).Message;

    [Theory]
    [InlineData("cos\nsystem\n(U\u0004echotR.", "os.system")]
    [InlineData("cposix\nsystem\n(U\u0004echotR.", "posix.system")]
    [InlineData("c__builtin__\neval\n(U\u00011tR.", "builtins.eval")]
    [InlineData("cbuiltins\ngetattr\n.", "builtins.getattr")]
    [InlineData("U\u0002osU\u0006system\u0093.", "os.system")]
    [InlineData("(ios\nsystem\n.", "os.system")]
    [InlineData("ctorch.nn.modules.linear\nLinear\n.", "state_dict")]
    [InlineData("ctorch._utils\n_rebuild_qtensor\n.", "dequantize")]
    [InlineData("ctorch._utils\n_rebuild_sparse_tensor\n.", "to_dense")]
    [InlineData("ctorch\nuint16\n.", "uint16")]
    public void Anything_but_the_listed_types_is_refused_by_name(string pickle, string name) => Assert.Contains(name, Refusal(pickle));

    [Theory]
    [InlineData("\u0095\u0001")]
    [InlineData(".")]
    [InlineData("NN.")]
    [InlineData("0.")]
    [InlineData("(0(1NNt.")]
    [InlineData("h\u0000.")]
    [InlineData("r\u00ff\u00ff\u00ff\u007fN.")]
    [InlineData("]a.")]
    [InlineData("](NtaNa(.")]
    [InlineData("}(Nu.")]
    [InlineData("}NNs.")]
    [InlineData("}](NNus.")]
    [InlineData("B\u00ff\u00ff\u00ff\u007fabc.")]
    [InlineData("\u008e\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ffabc.")]
    [InlineData("X\u0001\u0000\u0000\u0000\u00ff.")]
    [InlineData("Iabc\n.")]
    [InlineData("Fabc\n.")]
    [InlineData("NNb.")]
    [InlineData("NNR.")]
    [InlineData("NQ.")]
    [InlineData("c__builtin__\nset\nNR.")]
    [InlineData("c__builtin__\nset\n(](]]etR.")]
    [InlineData("ccollections\nOrderedDict\n(K\u0001tR.")]
    [InlineData("cnumpy.core.multiarray\n_reconstruct\n)R.")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v2\n)R.")]
    [InlineData("ctorch\nSize\n((J\u00ff\u00ff\u00ff\u00fft\u0085R.")]
    public void Broken_pickles_are_refused(string pickle) => Refusal(pickle);

    [Fact]
    public void Old_forms_of_values_are_read()
    {
        Assert.Equal(-5L, Read("I-5\n."));
        Assert.Equal(true, Read("I01\n."));
        Assert.Equal(7L, Read("L7L\n."));
        Assert.Equal(BigInteger.Pow(10, 20), Read("L100000000000000000000L\n."));
        Assert.Equal(-0.5, Read("F-0.5\n."));
        Assert.Equal("a'\n", Read("S'a\\'\\n'\n."));
        Assert.Equal("é€😀", Read("Vé\\u20ac\\U0001f600\n."));
        Assert.Equal([1L, 1L], Assert.IsType<List<object?>>(Read("(lK\u0001aK\u0001a.")));
        Assert.Equal(2L, Dictionary(Read("(dU\u0001aK\u0002s."))["a"]);
        Assert.Equal(2L, Dictionary(Read("(U\u0001aK\u0002d."))["a"]);
    }

    // Each would need memory or time beyond all measure in proportion to its few bytes.
    [Fact]
    public void Small_files_cannot_ask_for_much()
    {
        StringBuilder tuples = new("(tq\u0000");
        for (int i = 0; i < 60; i++) tuples.Append("0h\u0000h\u0000\u0086q\u0000");
        Read(tuples + ".");                                                     // 2⁶⁰ leaves, but 60 tuples
        Refusal("}" + tuples + "Ns.");                                          // as a key, all would be hashed
        Refusal("(" + string.Concat(Enumerable.Repeat("(", 2000)));
        StringBuilder copies = new("c_codecs\nencode\nq\u0000X\u0000\u0010\u0000\u0000" + new string('a', 4096) + "q\u0001U\u0006latin1q\u0002]");
        for (int i = 0; i < 1000; i++) copies.Append("h\u0000h\u0001h\u0002\u0086Ra");
        Refusal(copies + ".");
        Refusal(Storage("FloatStorage", 1L << 40) + ".");
        Refusal(TensorOf("FloatStorage", 0, "K\u0000", "(J\u00ff\u00ff\u00ff\u007ft", "(K\u0001t"));
    }

    static string Storage(string type, long count) => $"(U\u0007storagectorch\n{type}\nU\u0001aU\u0003cpuL{count}L\nNtQ";

    static string TensorOf(string type, long count, string offset, string sizes, string strides) =>
        $"ctorch._utils\n_rebuild_tensor_v2\n({Storage(type, count)}{offset}{sizes}{strides}\u0089)tR.";

    [Fact]
    public void Dictionaries_whose_keys_hash_alike_are_read_in_time()
    {
        StringBuilder s = new("}(");
        for (int i = 0; i < 50_000; i++) s.Append($"L{(long)i << 32 | (uint)i}L\nN");
        Assert.Equal(50_000, Dictionary(Read(s + "u.")).Count);
    }

    [Fact]
    public void Tensors_outside_their_storage_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => Read(TensorOf("ByteStorage", 4, "K\u0001", "(K\u0004t", "(K\u0001t")));
        Assert.Throws<InvalidDataException>(() => Read(TensorOf("ByteStorage", 4, "I-1\n", "(K\u0001t", "(K\u0001t")));
        Assert.Throws<InvalidDataException>(() => Read(TensorOf("ByteStorage", 4, "K\u0000", "(K\u0001K\u0001t", "(K\u0001t")));
        Assert.Throws<InvalidDataException>(() => Read(TensorOf("ByteStorage", 4, "K\u0000", $"(L{long.MaxValue}L\nL{long.MaxValue}L\nt", "(K\u0000K\u0000t")));
        Assert.Throws<InvalidDataException>(() => Read(TensorOf("ByteStorage", 4, "K\u0000", "(" + string.Concat(Enumerable.Repeat("K\u0001", 40)) + "t", "(" + string.Concat(Enumerable.Repeat("K\u0001", 40)) + "t")));
    }

    [Fact]
    public void An_altered_byte_of_the_weights_is_noticed()
    {
        byte[] file = Checkpoints.Bytes("cnn.pt");
        file[10_000] ^= 1;
        Assert.Contains("checksum", Assert.Throws<InvalidDataException>(() => TorchFile.Load(new MemoryStream(file))).Message);
        Assert.NotNull(TorchFile.Load(new MemoryStream(file), checkCrc: false));
    }

    [Fact]
    public void Other_files_are_refused()
    {
        foreach (byte[] file in (byte[][])[[], [1], "PK"u8.ToArray(), "hello, world"u8.ToArray(), [.. "PK\u0005\u0006"u8, .. new byte[18]], [0x80, 2, (byte)'N', (byte)'.']])
            Assert.Throws<InvalidDataException>(() => TorchFile.Load(new MemoryStream(file)));
    }
}
