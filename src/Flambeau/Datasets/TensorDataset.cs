namespace Flambeau.Datasets;

/// <summary>Pairs of rows of two tensors: images and labels. PyTorch's <c>TensorDataset</c> for two tensors.</summary>
public sealed class TensorDataset : IBatchDataset<(Tensor Input, Tensor Target)>
{
    /// <summary>Pairs up the rows of two tensors.</summary>
    /// <exception cref="ArgumentException">They have different numbers of rows, or are scalars.</exception>
    public TensorDataset(Tensor inputs, Tensor targets)
    {
        if (inputs.Rank == 0 || targets.Rank == 0 || inputs.Shape[0] != targets.Shape[0])
            throw new ArgumentException($"TensorDataset: inputs of shape {inputs.Shape} and targets of shape {targets.Shape} do not have the same number of rows.");
        (Inputs, Targets) = (inputs.Detach(), targets.Detach());
    }

    /// <summary>The first tensor.</summary>
    public Tensor Inputs { get; }

    /// <summary>The second tensor.</summary>
    public Tensor Targets { get; }

    /// <inheritdoc/>
    public int Count => checked((int)Inputs.Shape[0]);

    /// <inheritdoc/>
    public (Tensor Input, Tensor Target) this[int index] => (Inputs.Select(0, index), Targets.Select(0, index));

    /// <inheritdoc/>
    public (Tensor Input, Tensor Target) Batch(ReadOnlySpan<int> indices)
    {
        Tensor at = Tensor.From(indices).To(DType.Int64);
        return (Inputs.IndexSelect(0, at), Targets.IndexSelect(0, at));
    }
}
