using System.Diagnostics;
using Flambeau.Ops;

namespace Flambeau;

public static partial class Autograd
{
    static int s_anomaly;

    /// <summary>Whether gradients are looked at for NaN; see <see cref="DetectAnomaly"/>.</summary>
    public static bool IsAnomalyEnabled => s_anomaly > 0;

    /// <summary>
    /// Until the scope is disposed, every operation notes where it was called, and a backward pass that makes a NaN stops with the operation's
    /// name and that place. Slow: for finding errors. PyTorch's <c>torch.autograd.detect_anomaly</c>.
    /// </summary>
    public static AnomalyScope DetectAnomaly() => new(true);

    /// <summary>Turns the search for NaN on or off until the scope is disposed.</summary>
    public static AnomalyScope SetDetectAnomaly(bool enabled) => new(enabled);

    /// <summary>Restores the mode when disposed.</summary>
    public sealed class AnomalyScope : IDisposable
    {
        readonly int _change;
        bool _ended;

        internal AnomalyScope(bool enabled) => Interlocked.Add(ref s_anomaly, _change = enabled ? 1 : -s_anomaly);

        /// <summary>Ends the scope.</summary>
        public void Dispose()
        {
            if (_ended) return;
            _ended = true;
            Interlocked.Add(ref s_anomaly, -_change);
        }
    }

    /// <summary>Where the operation that is being recorded was called: a module's line, or the program's, and what called that.</summary>
    internal static string Here() => new StackTrace(new StackTrace(fNeedFileInfo: true).GetFrames().SkipWhile(IsInside)).ToString();

    /// <summary>Whether a frame is the framework's own, but no module's.</summary>
    static bool IsInside(StackFrame frame) => DiagnosticMethodInfo.Create(frame) is { } m && m.DeclaringAssemblyName.StartsWith("Flambeau,", StringComparison.Ordinal)
        && (m.DeclaringTypeName == "Flambeau.Nn.F" || !m.DeclaringTypeName.StartsWith("Flambeau.Nn.", StringComparison.Ordinal));

    internal static void CheckAnomaly(Node n, Tensor?[] grads)
    {
        for (int i = 0; i < grads.Length; i++)
            if (grads[i] is { } g && g.DType.IsDifferentiable && g.Detach().IsNan().Any().Item<bool>())
                throw new InvalidOperationException($"Backward of {n.Name}: the gradient of input {i}, of shape {g.Shape}, has a NaN. The operation was called{(n.Origin is { } at ? $":{Environment.NewLine}{at}" : " outside DetectAnomaly, so that its place is not known.")}");
    }
}
