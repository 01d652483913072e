namespace Flambeau.Nn;

/// <summary>What becomes of a loss's elements.</summary>
public enum Reduction
{
    /// <summary>They stay.</summary>
    None,
    /// <summary>Their mean; with class weights, their weighted mean.</summary>
    Mean,
    /// <summary>Their sum.</summary>
    Sum,
    /// <summary>Their sum over the size of the batch, which is the mathematical mean of Kullback–Leibler divergences. For <see cref="F.KlDiv"/> only.</summary>
    BatchMean,
}
