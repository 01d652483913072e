using System.Globalization;
using Xunit;

namespace Flambeau.Training.Tests;

public sealed class CsvLogTests : IDisposable
{
    private static readonly string[] Columns = ["epoch", "loss", "note"];

    private readonly TemporaryFolder _folder = new();

    private string Target => _folder["runs/1/log.csv"];

    public void Dispose() => _folder.Dispose();

    private string Text => File.ReadAllText(Target);

    private void Fill(int epochs)
    {
        using CsvLog log = CsvLog.Create(Target, Columns);
        for (int epoch = 1; epoch <= epochs; epoch++) log.Append(epoch, 1.0 / epoch, null);
    }

    [Fact]
    public void Rows_are_in_the_file_at_once_and_in_invariant_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            using CsvLog log = CsvLog.Create(Target, Columns);
            log.Append(1, 0.1, "a \"b\", c\nd");
            log.Append(2, float.NaN, null);
            log.Append(3, 1e-20f, TimeSpan.FromSeconds(1.5));
            using StreamReader reader = new(new FileStream(Target, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            Assert.Equal("epoch,loss,note\n1,0.1,\"a \"\"b\"\", c d\"\n2,NaN,\n3,1E-20,00:00:01.5000000\n", reader.ReadToEnd());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(0, "epoch,loss,note\n9,1,\n")]
    [InlineData(2, "epoch,loss,note\n1,1,\n2,0.5,\n9,1,\n")]
    [InlineData(7, "epoch,loss,note\n1,1,\n2,0.5,\n3,0.3333333333333333,\n9,1,\n")]
    public void Resuming_cuts_later_rows(int through, string expected)
    {
        Fill(3);
        using (CsvLog log = CsvLog.Resume(Target, through, Columns)) log.Append(9, 1, null);
        Assert.Equal(expected, Text);
    }

    [Fact]
    public void Resuming_cuts_a_row_that_was_half_written()
    {
        Fill(2);
        File.AppendAllText(Target, "3,0.3");
        using (CsvLog log = CsvLog.Resume(Target, 3, Columns)) log.Append(3, 7, null);
        Assert.Equal("epoch,loss,note\n1,1,\n2,0.5,\n3,7,\n", Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("epoch,lo")]
    public void Resuming_without_a_table_makes_one(string? before)
    {
        if (before is not null)
        {
            Directory.CreateDirectory(_folder["runs/1"]);
            File.WriteAllText(Target, before);
        }
        CsvLog.Resume(Target, 3, Columns).Dispose();
        Assert.Equal("epoch,loss,note\n", Text);
    }

    [Fact]
    public void Other_columns_are_refused_and_the_file_kept()
    {
        Fill(1);
        string before = Text;
        var error = Assert.Throws<InvalidDataException>(() => CsvLog.Resume(Target, 1, "epoch", "accuracy"));
        Assert.Contains("epoch,loss,note", error.Message);
        Assert.Equal(before, Text);
        using CsvLog log = CsvLog.Resume(Target, 1, Columns);
        Assert.Throws<ArgumentException>(() => log.Append(1, 2));
    }
}
