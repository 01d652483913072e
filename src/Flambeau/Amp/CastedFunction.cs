using Flambeau.Ops;

namespace Flambeau;

public static partial class Amp
{
    /// <summary>
    /// A function of the user's own under autocast: its backward pass runs under the autocast that the forward pass had, and it may ask for its
    /// arguments in one type, which turns autocast off inside. PyTorch's <c>torch.amp.custom_fwd</c> and <c>custom_bwd</c>.
    /// </summary>
    public abstract class CastedFunction : Autograd.Function
    {
        /// <summary>If not null, floating-point arguments other than float64 come in this type where autocast is on, and nothing inside is cast. PyTorch's <c>cast_inputs</c>.</summary>
        protected virtual DType? CastInputs => null;

        /// <summary>As <see cref="Autograd.Function.Forward"/>.</summary>
        protected abstract Tensor[] ForwardCasted(Context context, Tensor[] inputs);

        /// <summary>As <see cref="Autograd.Function.Backward"/>.</summary>
        protected abstract Tensor?[] BackwardCasted(Context context, Tensor?[] gradOutputs);

        /// <inheritdoc/>
        protected sealed override Tensor[] Forward(Context context, Tensor[] inputs)
        {
            Casting? now = Modes.Current?.Autocast;
            if (now is { IsEnabled: true } && CastInputs is { } type)
            {
                inputs = Array.ConvertAll(inputs, x => x.DType.IsFloatingPoint && x.DType != DType.Float64 ? x.To(type) : x);
                now = now with { IsEnabled = false };
            }
            context.Data[nameof(Casting)] = now;
            using var _ = Modes.Push(Modes.Here with { Autocast = now });
            return ForwardCasted(context, inputs);
        }

        /// <inheritdoc/>
        protected sealed override Tensor?[] Backward(Context context, Tensor?[] gradOutputs)
        {
            using var _ = Modes.Push(Modes.Here with { Autocast = (Casting?)context.Data[nameof(Casting)] });
            return BackwardCasted(context, gradOutputs);
        }
    }
}
