using System.IO.Compression;
using System.Numerics;
using System.Text;
using Flambeau.IO;
using Xunit;

namespace Flambeau.Tests.IO;

public sealed class SafeTensorsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static Dictionary<string, Tensor> Samples() => new()
    {
        ["bool"] = Tensor.From(new[] { true, false, true }),
        ["u8"] = Tensor.From(new byte[] { 0, 255 }),
        ["i8"] = Tensor.From(new sbyte[] { -128, 127, 0 }),
        ["i16"] = Tensor.From(new short[] { short.MinValue }),
        ["i32"] = Tensor.From(new[] { int.MinValue, 5 }),
        ["i64"] = Tensor.From(new[] { long.MinValue, 5 }),
        ["f16"] = Tensor.From(new[] { (Half)1.5, Half.NaN, Half.Epsilon }),
        ["bf16"] = Tensor.From(new[] { new BFloat16(0x7fc1), (BFloat16)3f }),
        ["f32"] = Tensor.From(new[,] { { -0f, float.NaN }, { float.PositiveInfinity, float.Epsilon } }),
        ["f64"] = Tensor.From(new[] { BitConverter.Int64BitsToDouble(0x7ff4000000000001), -0.0 }),
        ["c64"] = Tensor.From(new[] { new Complex64(1, -2) }),
        ["c128"] = Tensor.From(new[] { new Complex(double.NaN, -3) }),
        ["scalar"] = Tensor.FromScalar(3.5),
        ["empty"] = Tensor.Zeros(0),
        ["empty in the middle"] = Tensor.Zeros(3, 0, 2),
        ["sixteen axes"] = Tensor.Ones(1, 1, 2, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1),
        [""] = Tensor.FromScalar(1),
        ["Ünïcode \"quoted\" \\ \n 層.重み 🔥"] = Tensor.FromScalar(2),
        [new string('x', 100_000)] = Tensor.FromScalar(3),
    };

    internal static byte[] Bytes(Tensor t)
    {
        using MemoryStream s = new();
        TensorBytes.Write(s, t);
        return s.ToArray();
    }

    internal static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.DType, actual.DType);
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(Bytes(expected), Bytes(actual));
    }

    [Fact]
    public void Tensors_of_every_type_come_back_bit_for_bit_in_their_order()
    {
        Dictionary<string, Tensor> tensors = Samples();
        Assert.Equal(Enum.GetValues<DType>().Length, tensors.Values.Select(t => t.DType).Distinct().Count());
        Dictionary<string, string> metadata = new() { ["format"] = "pt", ["Schlüssel"] = "值\0\u001f", [""] = "" };
        SafeTensors.Save(_folder["a.safetensors"], tensors, metadata);
        SafeTensorsFile file = SafeTensors.Load(_folder["a.safetensors"]);
        Assert.Equal(tensors.Keys, file.Tensors.Keys);
        foreach (var (name, t) in tensors) Same(t, file.Tensors[name]);
        Assert.Equal(metadata, file.Metadata.ToDictionary());
    }

    [Fact]
    public void Data_are_aligned_and_the_header_is_padded()
    {
        using MemoryStream s = new();
        SafeTensors.Save(s, Samples());
        long header = BitConverter.ToInt64(s.ToArray());
        Assert.Equal(0, header % 8);
        SafeTensorsHeader h = new SafeTensorsHeaderReader(s.ToArray().AsSpan(8, (int)header), s.Length - 8 - header).Read();
        Assert.All(h.Entries, e => Assert.Equal(0, e.Begin % e.DType.ItemSize));
    }

    [Fact]
    public void Views_are_written_row_by_row()
    {
        Tensor x = Tensor.Arange(2 * 3 * 4).Reshape(2, 3, 4);
        Dictionary<string, Tensor> views = new()
        {
            ["transposed"] = x.Transpose(0, 2), ["narrow"] = x.Narrow(2, 1, 2), ["selected"] = x.Select(0, 1), ["expanded"] = x.Unsqueeze(0).Expand(5, 2, 3, 4),
        };
        using MemoryStream s = new();
        SafeTensors.Save(s, views);
        s.Position = 0;
        SafeTensorsFile file = SafeTensors.Load(s);
        foreach (var (name, t) in views) Same(t.Clone(), file.Tensors[name]);
    }

    [Fact]
    public void Large_views_are_written_in_parts()
    {
        Tensor x = Tensor.Arange(3 * 1000 * 700).To(DType.Int32).Reshape(3, 1, 1000, 700);
        foreach (Tensor t in new[] { x.Transpose(2, 3), x.Permute(3, 1, 2, 0), x.Select(0, 1).Unsqueeze(0).Expand(5, 1, 1000, 700) })
            Assert.Equal(Bytes(t.Clone()), Bytes(t));
    }

    [Fact]
    public void Files_of_the_reference_implementation_are_read()
    {
        SafeTensorsFile file = SafeTensors.Load(Path.Combine(AppContext.BaseDirectory, "Data", "reference.safetensors"));
        Assert.Equal(["t0", "t1"], file.Tensors.Keys);
        Assert.Equal([1, 3, 64, 64], file.Tensors["t0"].Shape);
        Assert.Equal([1, 10], file.Tensors["t1"].Shape);
        Assert.Equal("PyTorch 1.13.0a0", file.Metadata["source"]);
        Assert.True(float.IsFinite(file.Tensors["t1"].Sum().Item<float>()));
    }

    [Fact]
    public void A_file_of_the_reference_implementation_is_written_again_byte_for_byte()
    {
        byte[] original = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "reference.safetensors"));
        SafeTensorsFile file = SafeTensors.Load(new MemoryStream(original));
        using MemoryStream s = new();
        SafeTensors.Save(s, file.Tensors, file.Metadata);
        Assert.Equal(original, s.ToArray());
    }

    [Fact]
    public void A_stream_that_cannot_seek_serves_too()
    {
        using MemoryStream packed = new();
        using (GZipStream zip = new(packed, CompressionLevel.Fastest, leaveOpen: true)) SafeTensors.Save(zip, Samples());
        packed.Position = 0;
        using GZipStream unzip = new(packed, CompressionMode.Decompress);
        Assert.Equal(Samples().Count, SafeTensors.Load(unzip).Tensors.Count);
    }

    [Fact]
    public void A_stream_is_read_from_where_it_stands()
    {
        using MemoryStream s = new();
        s.Write([1, 2, 3]);
        SafeTensors.Save(s, new Dictionary<string, Tensor> { ["a"] = Tensor.Ones(2) });
        s.Position = 3;
        Assert.Equal([1f, 1f], SafeTensors.Load(s).Tensors["a"].ToArray<float>());
    }

    [Fact]
    public void What_cannot_be_saved_leaves_the_old_file()
    {
        string path = _folder["a"];
        SafeTensors.Save(path, new Dictionary<string, Tensor> { ["a"] = Tensor.Ones(2) });
        Tensor one = Tensor.Ones(1), gone = Tensor.Ones(1);
        gone.Dispose();
        Assert.Throws<ArgumentException>(() => SafeTensors.Save(path, new Dictionary<string, Tensor> { ["__metadata__"] = one }));
        Assert.Throws<ArgumentException>(() => SafeTensors.Save(path, new Dictionary<string, Tensor> { ["\ud800"] = one }));
        Assert.Throws<ArgumentException>(() => SafeTensors.Save(path, new Dictionary<string, Tensor> { ["a"] = null! }));
        Assert.Throws<ArgumentException>(() => SafeTensors.Save(path, new Dictionary<string, Tensor>(), new Dictionary<string, string> { ["a"] = "\udc00" }));
        Assert.Throws<ObjectDisposedException>(() => SafeTensors.Save(path, new Dictionary<string, Tensor> { ["a"] = gone }));
        Assert.Equal(["a"], SafeTensors.Load(path).Tensors.Keys);
        Assert.Equal(["a"], _folder.Files);
    }

    static byte[] FileOf(string header, int dataLength)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[dataLength]];
    }

    [Theory]
    [InlineData("", 0, "JSON")]
    [InlineData("[]", 0, "StartArray")]
    [InlineData(" {}", 0, "begin with an object")]
    [InlineData("{} x", 0, "JSON")]
    [InlineData("{}", 1, "1 bytes of data for tensors of 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}", 8, "JSON")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 7, "bytes 0 to 8 of 7")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 9, "9 bytes of data for tensors of 8")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}}", 9, "begins at byte 1")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, "takes 12 bytes but has 8")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8, "bytes 8 to 0")]
    [InlineData("{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "F4")]
    [InlineData("{\"a\":{\"dtype\":\"U16\",\"shape\":[4],\"data_offsets\":[0,8]}}", 8, "U16")]
    [InlineData("{\"a\":{\"dtype\":8,\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "Number")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}", 8, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}}", 8, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}", 8, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 0, "beyond all memory")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4,0],\"data_offsets\":[0,0]}}", 0, "beyond all memory")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4, "more than 16")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[[2]],\"data_offsets\":[0,8]}}", 8, "JSON")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}", 8, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}", 8, "more than 2")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8]}}", 8, "lacks")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 0, "lacks")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "twice")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}", 8, "'x'")]
    [InlineData("{\"a\":7}", 0, "tensor 'a' is a Number")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", 4, "two tensors named 'a'")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3, "tensor 'b' begins at byte 1")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "begins at byte 0")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[3,5]}}", 5, "tensor 'b' begins at byte 3")]
    [InlineData("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "metadata 'a' is there twice")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "metadata twice")]
    [InlineData("{\"__metadata__\":{\"a\":1}}", 0, "metadata 'a'")]
    [InlineData("{\"\\ud800\":{}}", 0, "Unicode")]
    public void A_wrong_header_is_refused_and_the_fault_named(string header, int dataLength, string reason)
    {
        string path = _folder["wrong.safetensors"];
        File.WriteAllBytes(path, FileOf(header, dataLength));
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => SafeTensors.Load(path));
        Assert.StartsWith($"'{path}' is no valid safetensors file: ", e.Message);
        Assert.Contains(reason, e.Message);
    }

    [Fact]
    public void A_header_longer_than_the_file_or_the_limit_is_refused()
    {
        byte[] file = FileOf("{}", 0);
        foreach (ulong length in new ulong[] { 3, 100_000_000, 100_000_001, ulong.MaxValue })
        {
            BitConverter.TryWriteBytes(file, length);
            Assert.Throws<InvalidDataException>(() => SafeTensors.Load(new MemoryStream(file)));
        }
        Assert.Throws<InvalidDataException>(() => SafeTensors.Load(new MemoryStream([1, 2, 3])));
        Assert.Throws<InvalidDataException>(() => SafeTensors.Load(new MemoryStream()));
    }

    [Fact]
    public void A_bool_is_0_or_1()
    {
        byte[] file = FileOf("{\"a\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2);
        file[^1] = 2;
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => SafeTensors.Load(new MemoryStream(file)));
        Assert.Contains("tensor 'a' holds bytes that are no bool", e.Message);
    }

    [Fact]
    public void Empty_tensors_may_lie_anywhere_between_others()
    {
        const string empty = "{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[2,2]}";
        byte[] file = FileOf($"{{\"b\":{{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}},\"e\":{empty},\"f\":{empty},\"a\":{{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}}}", 4);
        Assert.Equal(["b", "e", "f", "a"], SafeTensors.Load(new MemoryStream(file)).Tensors.Keys);
    }
}
