using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Xunit;

namespace Flambeau.Tests;

/// <summary>A program compiled ahead of time, trimmed, finds a model's parameters by name and predicts what the JIT's build predicts.</summary>
public sealed class AotTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("flambeau-aot-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_native_program_predicts_what_the_jit_predicts()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc") || File.Exists("/usr/bin/clang"), "NativeAOT links with gcc or clang, and there is neither.");
        string project = Path.Combine(Root(), "tests", "Flambeau.AotSmoke");
        string weights = Path.Combine(_folder, "weights.safetensors"), native = Path.Combine(_folder, "native");
        string linker = File.Exists("/usr/bin/clang") ? "clang" : "gcc";
        // An artifacts folder of its own: the solution's may be in use.
        string common = $"-c Release --artifacts-path \"{Path.Combine(_folder, "artifacts")}\" --disable-build-servers -m:1 -nologo -v q";
        Run("dotnet", $"publish \"{project}\" {common} -r {RuntimeInformation.RuntimeIdentifier} -p:CppCompilerAndLinker={linker} -o \"{native}\"");
        string[] jit = Run("dotnet", $"run --project \"{project}\" -c Release --artifacts-path \"{Path.Combine(_folder, "artifacts")}\" -p:PublishAot=false --disable-build-servers -- save \"{weights}\"");
        string[] aot = Run(Path.Combine(native, "Flambeau.AotSmoke"), $"load \"{weights}\"");

        string[] names = ["body.0.weight", "body.0.bias", "body.1.weight", "body.1.bias", "body.1.running_mean", "body.1.running_var", "body.1.num_batches_tracked",
            "heads.0.weight", "heads.0.bias", "heads.1.weight", "heads.1.bias", "ln_f.weight", "ln_f.bias", "lm_head.weight"];
        Assert.Equal(names, aot[..names.Length]);
        Assert.Equal(names, jit[..names.Length]);
        double[] expected = [.. jit[names.Length..].Select(Number)], actual = [.. aot[names.Length..].Select(Number)];
        Assert.Equal(10, actual.Length);
        // The native program is compiled for any x64 processor, with narrower vectors: sums are added in another order.
        for (int i = 0; i < actual.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5);

        static double Number(string s) => double.Parse(s, CultureInfo.InvariantCulture);
    }

    internal static string Root()
    {
        DirectoryInfo? d = new(AppContext.BaseDirectory);
        while (d is not null && !File.Exists(Path.Combine(d.FullName, "Flambeau.slnx"))) d = d.Parent;
        return d?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside the checkout.");
    }

    static string[] Run(string program, string arguments)
    {
        using Process p = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = p.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = p.StandardOutput.ReadToEnd();
        p.WaitForExit();
        Assert.True(p.ExitCode == 0, $"{program} {arguments}\n{output}\n{errors.Result}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
