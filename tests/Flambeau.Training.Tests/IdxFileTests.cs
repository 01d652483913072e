using System.IO.Compression;
using Flambeau.Vision;
using Xunit;

namespace Flambeau.Training.Tests;

public class IdxFileTests
{
    private static readonly byte[] Small = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];

    private static byte[] Gzip(byte[] content)
    {
        MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest)) gzip.Write(content);
        return packed.ToArray();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reads_shape_and_data(bool compressed)
    {
        using TemporaryFolder folder = new();
        IdxArray array = IdxFile.Read(folder.Write("any-name", compressed ? Gzip(Small) : Small));
        Assert.Equal([2, 3], array.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], array.Data);
    }

    [Theory]
    [InlineData("", "ends within the header")]
    [InlineData("00000802", "ends within the header")]
    [InlineData("0102080100000000", "0x01020801")]
    [InlineData("00000D0100000000", "type 0x0D")]
    [InlineData("00000800", "0 axes")]
    [InlineData("000008FF", "255 axes")]
    [InlineData("0000080200000002000000030102030405", "claims 6 bytes")]
    [InlineData("000008020000000200000003010203040506FF", "6")]
    [InlineData("00000801FFFFFFFF", "axis 0")]
    [InlineData("000008037FFF00007FFFFFFF7FFFFFFF", "axis 1")]
    [InlineData("000008017FFF0000010203", "bytes")]
    public void Says_what_is_wrong(string hex, string reason)
    {
        using TemporaryFolder folder = new();
        byte[] content = Convert.FromHexString(hex);
        foreach (byte[] file in (byte[][])[content, Gzip(content)])
        {
            string message = Assert.Throws<InvalidDataException>(() => IdxFile.Read(folder.Write("bad-idx", file))).Message;
            Assert.Contains("bad-idx", message);
            Assert.Contains(reason, message);
        }
        Assert.Throws<FileNotFoundException>(() => IdxFile.Read(folder["none"]));
    }

    [Fact]
    public void Altered_bytes_give_an_array_or_the_exception_and_take_little_memory()
    {
        using TemporaryFolder folder = new();
        byte[] packed = Gzip([.. Small[..4], 0, 0, 0, 100, 0, 0, 0, 100, .. Enumerable.Range(0, 10_000).Select(i => (byte)(i * i))]);
        Random random = new(3);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 500; i++)
        {
            byte[] altered = (byte[])packed.Clone();
            for (int k = random.Next(1, 4); k > 0; k--) altered[random.Next(altered.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0) altered = altered[..random.Next(altered.Length)];
            try
            {
                IdxFile.Read(folder.Write("altered", altered));
            }
            catch (InvalidDataException)
            {
            }
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2L << 30);
    }
}
