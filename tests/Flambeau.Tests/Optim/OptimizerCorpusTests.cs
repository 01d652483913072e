using System.Text.Json.Nodes;
using Flambeau.Backends;
using Flambeau.Conformance;
using Flambeau.IO;
using Flambeau.Optim;
using Xunit;

namespace Flambeau.Tests.Optim;

/// <summary>The recorded steps of PyTorch's optimizers, taken in other ways.</summary>
public class OptimizerCorpusTests
{
    static readonly Corpus s_corpus = Corpus.OfProject("optim");

    public static TheoryData<string> Cases => new(s_corpus.Names());

    static void Run(string name, Action<Optimizer, Optimizer>? between = null)
    {
        Conformance.Recorded r = s_corpus.Read(name);
        Outcome o = OptimSuite.Case((string)r.Case["optimizer"]!, name, r, between);
        Assert.True(o.Status == Status.Passed, o.Detail);
    }

    [Theory, MemberData(nameof(Cases))]
    public void An_optimizer_resumed_from_its_state_goes_on_as_before(string name) => Run(name, (old, next) =>
    {
        State state = old.StateDict();
        next.LoadStateDict(new() { Tensors = state.Tensors, Values = JsonNode.Parse(state.Values.ToJsonString())!.AsObject() });
    });

    [Theory, MemberData(nameof(Cases))]
    public void Fused_steps_agree_with_the_reference(string name)
    {
        using (Backend.Reference.Use()) Run(name);
    }
}
