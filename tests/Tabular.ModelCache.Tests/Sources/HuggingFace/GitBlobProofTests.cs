using System.Text;
using CsCheck;
using Tabular.ModelCache.Sources.HuggingFace;

namespace Tabular.ModelCache.Tests.Sources.HuggingFace;

public sealed class GitBlobProofTests
{
    /// <summary>What <c>git hash-object</c> answers.</summary>
    [Theory]
    [InlineData("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")]
    [InlineData("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a")]
    public void FindProblem_KnownBlobs_AreProven(string content, string id) => Prove(Encoding.UTF8.GetBytes(content), id, 1).Should().BeNull();

    [Fact]
    public void FindProblem_FileOfARealRepository_IsProven() =>
        Prove(Encoding.UTF8.GetBytes(HubTrees.BgeM3Modules), "952a9b81c0bfd99800fabf352f69c7ccd46c5e43", 100).Should().BeNull();

    [Fact]
    public void FindProblem_OtherBytes_SaysBothIds() => Prove("hellO\n"u8.ToArray(), "ce013625030ba8dba906f756967f9e9ca394464a", 6)
        .Should().StartWith("expected git blob ce013625030ba8dba906f756967f9e9ca394464a, found ");

    [Fact]
    public void FindProblem_AnyContentInAnyPieces_IsProven() => Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[1, 50]).Sample(
        (content, piece) => Prove(content, TestHub.BlobId(content), piece) is null);

    private static string? Prove(byte[] content, string id, int piece)
    {
        using var proof = new GitBlobProof(id, content.Length);
        foreach (var part in content.Chunk(piece))
        {
            proof.Append(part);
        }

        return proof.FindProblem();
    }
}
