using System.Numerics;
using Flambeau.IO;
using Flambeau.Optim;

namespace Flambeau;

/// <summary>Mixed precision: arithmetic in 16 bits where that is safe, in 32 where it is not. PyTorch's <c>torch.amp</c>.</summary>
public static partial class Amp
{
    /// <summary>
    /// Keeps float16 gradients from vanishing: the loss is multiplied by a large factor before the backward pass, the gradients are divided by it
    /// before the step. A step whose gradients overflowed is left out and the factor reduced; after many steps without overflow it grows.
    /// PyTorch's <c>torch.amp.GradScaler</c> (Micikevicius et al. 2018, "Mixed Precision Training").
    /// </summary>
    /// <example><code>
    /// Amp.GradScaler scaler = new();
    /// foreach (var (x, y) in data)
    /// {
    ///     optimizer.ZeroGrad();
    ///     Tensor loss;
    ///     using (Amp.Autocast(dtype: DType.Float16)) loss = F.MseLoss(model.Call(x), y);
    ///     scaler.Scale(loss).Backward();
    ///     scaler.Unscale(optimizer);                         // only needed to look at or clip the gradients
    ///     ClipGrad.NormInPlace(model.Parameters(), 1);
    ///     scaler.Step(optimizer);
    ///     scaler.Update();
    /// }
    /// </code></example>
    public sealed class GradScaler : IStateful
    {
        enum Stage { Ready, Unscaled, Stepped }

        readonly Dictionary<Optimizer, (Stage Stage, bool? FoundInf)> _optimizers = new(ReferenceEqualityComparer.Instance);
        double _growthFactor = 2, _backoffFactor = 0.5;
        int _growthInterval = 2000, _growthTracker;
        float _scale;

        /// <summary>A scaler.</summary>
        /// <param name="device">Where the scaled tensors lie. There is one kind of scaler for all devices; the parameter is PyTorch's.</param>
        /// <param name="initScale">The factor at first.</param>
        /// <param name="growthFactor">By how much it grows.</param>
        /// <param name="backoffFactor">By how much it is reduced.</param>
        /// <param name="growthInterval">After how many steps in a row without overflow it grows.</param>
        /// <param name="enabled">Whether it does anything: if not, Scale answers what it gets and Step steps.</param>
        /// <exception cref="ArgumentOutOfRangeException">A factor or the interval is out of range.</exception>
        public GradScaler(Device device = default, double initScale = 65536, double growthFactor = 2, double backoffFactor = 0.5, int growthInterval = 2000, bool enabled = true)
        {
            _ = device;
            IsEnabled = enabled;
            if (!enabled) return;
            if (!(initScale > 0) || double.IsInfinity(initScale)) throw new ArgumentOutOfRangeException(nameof(initScale), $"GradScaler: the initial scale is {initScale}; it must be positive and finite.");
            (GrowthFactor, BackoffFactor, GrowthInterval, _scale) = (growthFactor, backoffFactor, growthInterval, (float)initScale);
        }

        /// <summary>Whether it does anything.</summary>
        public bool IsEnabled { get; }

        /// <summary>By how much the scale grows; more than 1.</summary>
        public double GrowthFactor
        {
            get => _growthFactor;
            set => _growthFactor = value > 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), $"GradScaler: the growth factor is {value}; it must be more than 1.");
        }

        /// <summary>By how much the scale is reduced; less than 1.</summary>
        public double BackoffFactor
        {
            get => _backoffFactor;
            set => _backoffFactor = value is > 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), $"GradScaler: the backoff factor is {value}; it must lie between 0 and 1.");
        }

        /// <summary>After how many steps in a row without overflow the scale grows; positive.</summary>
        public int GrowthInterval
        {
            get => _growthInterval;
            set => _growthInterval = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), $"GradScaler: the growth interval is {value}; it must be positive.");
        }

        /// <summary>The present factor; 1 if not enabled.</summary>
        public double GetScale() => IsEnabled ? _scale : 1;

        /// <summary>The tensor times the scale.</summary>
        public Tensor Scale(Tensor outputs) => IsEnabled ? outputs * Tensor.FromScalar(_scale) : outputs;

        /// <summary>The tensors times the scale.</summary>
        public Tensor[] Scale(IEnumerable<Tensor> outputs) => [.. outputs.Select(Scale)];

        /// <summary>
        /// Divides the gradients of an optimizer's parameters by the scale, in place, and notes whether any is infinite or NaN. <see cref="Step(Optimizer)"/>
        /// does this itself; call it to look at the gradients, or clip them, before. At most once between updates for each optimizer.
        /// </summary>
        /// <exception cref="InvalidOperationException">They are unscaled already, the optimizer has stepped, or a gradient is float16.</exception>
        public void Unscale(Optimizer optimizer)
        {
            if (!IsEnabled) return;
            switch (StageOf(optimizer))
            {
                case Stage.Unscaled: throw new InvalidOperationException("GradScaler.Unscale has been called already for this optimizer since the last Update. Call it once, after the last Backward.");
                case Stage.Stepped: throw new InvalidOperationException("GradScaler.Unscale is called after Step for this optimizer. Call it before, and Update after Step.");
            }
            using var _ = Autograd.NoGrad();
            Tensor inverse = Tensor.FromScalar((float)(1 / (double)_scale));
            HashSet<Tensor> seen = new(ReferenceEqualityComparer.Instance);
            bool? found = null;
            foreach (ParamGroup group in optimizer.ParamGroups)
                foreach (Tensor p in group.Parameters)
                {
                    if (p.Grad is not { } g || !seen.Add(g)) continue;
                    if (g.DType == DType.Float16)
                        throw new InvalidOperationException($"GradScaler.Unscale: the gradient of a parameter of shape {p.Shape} is float16, in which unscaled gradients vanish. Keep parameters in float32 and compute in float16 under Amp.Autocast.");
                    g.MulInPlace(inverse);
                    // A sum is finite if all its terms are; where finite ones overflow it, leaving out the step is right too.
                    found = found is true | !IsFinite(g.Detach().Sum());
                }
            _optimizers[optimizer] = (Stage.Unscaled, found);
        }

        static bool IsFinite(Tensor sum) => Complex.IsFinite(sum.To(DType.Complex128).Item<Complex>());

        /// <summary>Unscales the gradients, unless <see cref="Unscale"/> was called, and lets the optimizer step, unless a gradient is infinite or NaN.</summary>
        /// <returns>Whether the optimizer stepped.</returns>
        /// <exception cref="InvalidOperationException">The optimizer has stepped already since the last update, or no parameter has a gradient.</exception>
        public bool Step(Optimizer optimizer)
        {
            if (!IsEnabled)
            {
                optimizer.Step();
                return true;
            }
            if (StageOf(optimizer) == Stage.Stepped)
                throw new InvalidOperationException("GradScaler.Step has been called already for this optimizer since the last Update. Call Update at the end of each iteration.");
            if (StageOf(optimizer) == Stage.Ready) Unscale(optimizer);
            if (_optimizers[optimizer].FoundInf is not { } found)
                throw new InvalidOperationException("GradScaler.Step: none of the optimizer's parameters has a gradient. Call Scale(loss).Backward() first.");
            if (!found) optimizer.Step();
            _optimizers[optimizer] = (Stage.Stepped, found);
            return !found;
        }

        /// <summary>Refused while enabled: a closure would compute the gradients anew, after they were looked at.</summary>
        /// <exception cref="InvalidOperationException">The scaler is enabled.</exception>
        public Tensor Step(Optimizer optimizer, Func<Tensor> closure) => !IsEnabled ? optimizer.Step(closure)
            : throw new InvalidOperationException("GradScaler.Step takes no closure: the gradients that it computes could not be looked at before the step. Compute the loss first, and use an optimizer that steps without closure.");

        /// <summary>Changes the scale by what was found since the last update. To be called once at the end of an iteration, after all steps.</summary>
        /// <param name="newScale">If given, the scale is this.</param>
        /// <exception cref="InvalidOperationException">No optimizer stepped or was unscaled since the last update.</exception>
        public void Update(double? newScale = null)
        {
            if (!IsEnabled) return;
            if (newScale is { } s) _scale = s > 0 && float.IsFinite((float)s) ? (float)s : throw new ArgumentOutOfRangeException(nameof(newScale), $"GradScaler.Update: the scale is {s}; it must be positive and finite.");
            else
            {
                bool any = false, found = false;
                foreach ((Stage _, bool? inf) in _optimizers.Values) (any, found) = (any | inf is not null, found | inf is true);
                if (!any) throw new InvalidOperationException("GradScaler.Update: no gradients were looked at since the last Update. Call Step(optimizer) first.");
                if (found) (_scale, _growthTracker) = ((float)(_scale * _backoffFactor), 0);
                else if (++_growthTracker == _growthInterval)
                {
                    float grown = (float)(_scale * _growthFactor);
                    if (float.IsFinite(grown)) _scale = grown;
                    _growthTracker = 0;
                }
            }
            _optimizers.Clear();
        }

        Stage StageOf(Optimizer optimizer) => _optimizers.TryGetValue(optimizer, out var s) ? s.Stage : Stage.Ready;

        /// <summary>The scale and its options, under PyTorch's names; empty if not enabled.</summary>
        public State StateDict() => !IsEnabled ? new() : new()
        {
            Values =
            {
                ["scale"] = (double)_scale, ["growth_factor"] = _growthFactor, ["backoff_factor"] = _backoffFactor, ["growth_interval"] = _growthInterval, ["_growth_tracker"] = _growthTracker,
            },
        };

        /// <inheritdoc/>
        /// <exception cref="ArgumentException">It is empty, or no scaler's.</exception>
        public Action PrepareLoad(State state)
        {
            if (!IsEnabled) return () => { };
            if (state.Values.Count == 0) throw new ArgumentException("GradScaler.LoadStateDict: the state is empty, as that of a scaler that was not enabled.", nameof(state));
            (double scale, double growth, double backoff, long interval, long tracker) =
                (state.Number("scale"), state.Number("growth_factor"), state.Number("backoff_factor"), state.Integer("growth_interval"), state.Integer("_growth_tracker"));
            GradScaler trial = new(default, scale, growth, backoff, checked((int)interval));
            return () => (_scale, _growthFactor, _backoffFactor, _growthInterval, _growthTracker) = (trial._scale, trial._growthFactor, trial._backoffFactor, trial._growthInterval, (int)tracker);
        }
    }
}
