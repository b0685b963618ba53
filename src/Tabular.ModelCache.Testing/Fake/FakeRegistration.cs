namespace Tabular.ModelCache.Testing;

/// <summary>What each call of <c>AddFakeModelCache</c> had to say, in its order; also the mark that one was made.</summary>
internal sealed class FakeRegistration
{
    public List<Action<FakeModelCache>> Configure { get; } = [];
}
