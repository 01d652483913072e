using System.Diagnostics;
using Flambeau.IO;
using Xunit;

namespace Flambeau.Tests.IO;

public sealed class AtomicFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_takes_the_place_of_the_old_one()
    {
        AtomicFile.Write(_folder["deep/down/a"], new byte[] { 1 });
        AtomicFile.Write(_folder["deep/down/a"], new byte[] { 2, 3 });
        Assert.Equal([2, 3], File.ReadAllBytes(_folder["deep/down/a"]));
        Assert.Single(Directory.GetFiles(_folder["deep/down"]));
    }

    [Fact]
    public void A_failure_midway_leaves_the_old_file_whole_and_nothing_else()
    {
        AtomicFile.Write(_folder["a"], new byte[] { 1 });
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(_folder["a"], file =>
        {
            file.Write(new byte[100_000]);
            throw new InvalidOperationException();
        }));
        IOException e = Assert.Throws<IOException>(() => AtomicFile.Write(_folder["a"], file =>
        {
            file.Write(new byte[100_000]);
            throw new IOException("No space left on device");
        }));
        Assert.Equal($"'{_folder["a"]}' could not be written: No space left on device. The old file is untouched.", e.Message);
        Assert.Equal([1], File.ReadAllBytes(_folder["a"]));
        Assert.Equal(["a"], _folder.Files);
    }

    [Fact]
    public void A_full_disk_is_told_and_leaves_the_old_file_whole()
    {
        if (!Mount(_folder.Root)) Assert.Skip("Needs the right to mount a small file system.");
        try
        {
            Checkpoint small = new(), large = new();
            small.Set("a", new Dictionary<string, object?> { ["x"] = Tensor.Ones(1000) });
            large.Set("a", new Dictionary<string, object?> { ["x"] = Tensor.Ones(1_000_000) });
            small.Save(_folder["a"]);
            byte[] old = File.ReadAllBytes(_folder["a"]);

            IOException e = Assert.Throws<IOException>(() => large.Save(_folder["a"]));
            Assert.StartsWith($"'{_folder["a"]}' could not be written: ", e.Message);
            Assert.EndsWith("The old file is untouched.", e.Message);
            e = Assert.Throws<IOException>(() => large.Save(_folder["b"]));
            Assert.EndsWith("No file was made.", e.Message);
            Assert.Equal(old, File.ReadAllBytes(_folder["a"]));
            Assert.Equal(["a"], _folder.Files);
        }
        finally
        {
            Run("umount", _folder.Root);
        }
    }

    static bool Mount(string folder) => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=1m", "none", folder);

    static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process p = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            p.WaitForExit();
            return p.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    [Fact]
    public void Leftovers_of_crashed_writers_go_with_the_next_file_and_nothing_else_does()
    {
        string[] others = ["a.tmp", "a.b.tmp", $"b.{Guid.NewGuid():N}.tmp", $"a.{Guid.NewGuid():N}"];
        foreach (string name in others) File.WriteAllText(_folder[name], "");
        for (int i = 0; i < 3; i++) File.WriteAllText(_folder[$"a.{Guid.NewGuid():N}.tmp"], "half");
        AtomicFile.Write(_folder["a"], new byte[] { 1 });
        Assert.Equal([.. others.Append("a").Order(StringComparer.Ordinal)], _folder.Files);
    }

    [Fact]
    public void Writers_of_one_file_do_not_disturb_each_other()
    {
        AtomicFile.Write(_folder["a"], outer =>
        {
            outer.WriteByte(1);
            AtomicFile.Write(_folder["a"], new byte[] { 2 });
        });
        Assert.Equal([1], File.ReadAllBytes(_folder["a"]));

        Parallel.For(0, 20, i => AtomicFile.Write(_folder["a"], Enumerable.Repeat((byte)i, 5000).ToArray()));
        byte[] content = File.ReadAllBytes(_folder["a"]);
        Assert.Equal(5000, content.Length);
        Assert.Single(content.Distinct());
        Assert.Equal(["a"], _folder.Files);
    }

    [Fact]
    public void A_link_stays_a_link()
    {
        Directory.CreateDirectory(_folder["runs"]);
        try { File.CreateSymbolicLink(_folder["last"], _folder["runs/1"]); }
        catch (IOException) { Assert.Skip("Links cannot be made here."); }
        AtomicFile.Write(_folder["last"], new byte[] { 7 });
        Assert.Equal([7], File.ReadAllBytes(_folder["runs/1"]));
        Assert.NotNull(new FileInfo(_folder["last"]).LinkTarget);
    }

    [Fact]
    public void What_cannot_be_written_is_an_IOException_that_names_the_file()
    {
        Directory.CreateDirectory(_folder["a"]);
        IOException e = Assert.Throws<IOException>(() => AtomicFile.Write(_folder["a"], new byte[] { 1 }));
        Assert.Contains(_folder["a"], e.Message);
        File.WriteAllText(_folder["file"], "");
        e = Assert.Throws<IOException>(() => AtomicFile.Write(_folder["file/b"], new byte[] { 1 }));
        Assert.Contains("file/b", e.Message.Replace('\\', '/'));
        Assert.Equal(["file"], _folder.Files);
    }
}
